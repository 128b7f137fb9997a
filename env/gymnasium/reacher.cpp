// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>

#include "env/gymnasium/gymnasium_task.h"
#include "env/gymnasium/gymnasium_tasks.h"

namespace longplay {
namespace {

double Distance(const double* a, const double* b) {
  const double x = a[0] - b[0], y = a[1] - b[1], z = a[2] - b[2];
  return std::sqrt(x * x + y * y + z * z);
}

// Source: gymnasium/envs/mujoco/reacher_v5.py, version 1.4.0.
class Reacher : public GymnasiumTask {
 public:
  explicit Reacher(TaskArguments& arguments)
      : GymnasiumTask(arguments, "reacher.xml", 2),
        reward_dist_weight_(arguments.Number("reward_dist_weight", 1)),
        reward_control_weight_(arguments.Number("reward_control_weight", 1)),
        fingertip_(BodyId("fingertip")),
        target_(BodyId("target")) {}

  int64_t observation_size(int64_t listed) const override { return listed; }

  void Initialize(const Simulation& s, RandomGenerator& random) const override {
    // In Gymnasium's order of draws: arm, goal within the circle, velocities. The goal is at rest.
    double* goal = s.data->qpos + s.model->nq - 2;
    AddUniformPositionNoise(s, 0.1, random);
    do {
      goal[0] = random.Uniform(-0.2, 0.2);
      goal[1] = random.Uniform(-0.2, 0.2);
    } while (std::hypot(goal[0], goal[1]) >= 0.2);
    AddUniformVelocityNoise(s, 0.005, random);
    std::fill_n(s.data->qvel + s.model->nv - 2, 2, 0.0);
    mj_forward(s.model, s.data);
  }

  TaskStep Step(const Simulation& s, std::span<const double> action) const override {
    Simulate(s, action);
    const double distance = Distance(s.data->xpos + 3 * fingertip_, s.data->xpos + 3 * target_);
    return {.reward =
                -distance * reward_dist_weight_ - ControlCost(s, reward_control_weight_, action)};
  }

  void Observe(const Simulation& s, std::span<double> observation) const override {
    const double* q = s.data->qpos;
    double* out = observation.data();
    // Cosines and sines of both joints, the goal, the joints' velocities, fingertip - target.
    for (int i = 0; i < 2; ++i) *out++ = std::cos(q[i]);
    for (int i = 0; i < 2; ++i) *out++ = std::sin(q[i]);
    out = std::copy(q + 2, q + s.model->nq, out);
    out = std::copy_n(s.data->qvel, 2, out);
    for (int i = 0; i < 2; ++i) {
      *out++ = s.data->xpos[3 * fingertip_ + i] - s.data->xpos[3 * target_ + i];
    }
  }

 private:
  double reward_dist_weight_, reward_control_weight_;
  int fingertip_, target_;
};

// Source: gymnasium/envs/mujoco/pusher_v5.py, version 1.4.0.
class Pusher : public GymnasiumTask {
 public:
  explicit Pusher(TaskArguments& arguments)
      : GymnasiumTask(arguments, "pusher_v5.xml", 5),
        reward_near_weight_(arguments.Number("reward_near_weight", 0.5)),
        reward_dist_weight_(arguments.Number("reward_dist_weight", 1)),
        reward_control_weight_(arguments.Number("reward_control_weight", 0.1)),
        tips_(BodyId("tips_arm")),
        object_(BodyId("object")),
        goal_(BodyId("goal")) {}

  int64_t observation_size(int64_t listed) const override { return listed; }

  void Initialize(const Simulation& s, RandomGenerator& random) const override {
    // The cylinder, not too close to the goal at 0; both are at rest.
    double* cylinder = s.data->qpos + s.model->nq - 4;
    do {
      cylinder[0] = random.Uniform(-0.3, 0);
      cylinder[1] = random.Uniform(-0.2, 0.2);
    } while (std::hypot(cylinder[0], cylinder[1]) <= 0.17);
    std::fill_n(cylinder + 2, 2, 0.0);  // the goal
    AddUniformVelocityNoise(s, 0.005, random);
    std::fill_n(s.data->qvel + s.model->nv - 4, 4, 0.0);
    mj_forward(s.model, s.data);
  }

  TaskStep Step(const Simulation& s, std::span<const double> action) const override {
    Simulate(s, action);
    const double* x = s.data->xpos;
    // near: cylinder to tips; far: cylinder to goal. Added in Gymnasium's order.
    const double near = -Distance(x + 3 * object_, x + 3 * tips_) * reward_near_weight_;
    const double far = -Distance(x + 3 * object_, x + 3 * goal_) * reward_dist_weight_;
    return {.reward = far - ControlCost(s, reward_control_weight_, action) + near};
  }

  void Observe(const Simulation& s, std::span<double> observation) const override {
    // The arm's seven joints, then tips, cylinder and goal.
    double* out = std::copy_n(s.data->qpos, 7, observation.data());
    out = std::copy_n(s.data->qvel, 7, out);
    for (int body : {tips_, object_, goal_}) out = std::copy_n(s.data->xpos + 3 * body, 3, out);
  }

 private:
  double reward_near_weight_, reward_dist_weight_, reward_control_weight_;
  int tips_, object_, goal_;
};

}  // namespace

std::vector<TaskEntry> ReacherTasks() {
  return {{.id = "Reacher-v5",
           .observation_size = 10,
           .action_size = 2,
           .max_episode_steps = 50,
           .make = MakeWithArguments<Reacher>},
          {.id = "Pusher-v5",
           .observation_size = 23,
           .action_size = 7,
           .max_episode_steps = 100,
           .make = MakeWithArguments<Pusher>}};
}

}  // namespace longplay
