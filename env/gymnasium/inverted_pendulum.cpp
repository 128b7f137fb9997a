// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>

#include "env/gymnasium/gymnasium_task.h"
#include "env/gymnasium/gymnasium_tasks.h"

namespace longplay {
namespace {

// Source: gymnasium/envs/mujoco/inverted_pendulum_v5.py, version 1.4.0.
class InvertedPendulum : public GymnasiumTask {
 public:
  explicit InvertedPendulum(TaskArguments& arguments)
      : GymnasiumTask(arguments, "inverted_pendulum.xml", 2),
        reset_noise_scale_(arguments.Number("reset_noise_scale", 0.01)) {}

  void Initialize(const Simulation& s, RandomGenerator& random) const override {
    AddUniformPositionNoise(s, reset_noise_scale_, random);
    AddUniformVelocityNoise(s, reset_noise_scale_, random);
    mj_forward(s.model, s.data);
  }

  TaskStep Step(const Simulation& s, std::span<const double> action) const override {
    Simulate(s, action);
    // The pole's angle [rad].
    const bool fallen = std::abs(s.data->qpos[1]) > 0.2;
    return {.reward = fallen ? 0.0 : 1.0, .terminated = fallen};
  }

 private:
  double reset_noise_scale_;
};

// Source: gymnasium/envs/mujoco/inverted_double_pendulum_v5.py, version 1.4.0.
class InvertedDoublePendulum : public GymnasiumTask {
 public:
  explicit InvertedDoublePendulum(TaskArguments& arguments)
      : GymnasiumTask(arguments, "inverted_double_pendulum.xml", 5),
        healthy_reward_(arguments.Number("healthy_reward", 10)),
        reset_noise_scale_(arguments.Number("reset_noise_scale", 0.1)) {}

  int64_t observation_size(int64_t listed) const override { return listed; }

  void Initialize(const Simulation& s, RandomGenerator& random) const override {
    AddUniformPositionNoise(s, reset_noise_scale_, random);
    AddNormalVelocityNoise(s, reset_noise_scale_, random);
    mj_forward(s.model, s.data);
  }

  TaskStep Step(const Simulation& s, std::span<const double> action) const override {
    Simulate(s, action);
    // The tip, the model's first site; fallen at a height of 1 m.
    const double x = s.data->site_xpos[0], y = s.data->site_xpos[2];
    const double v1 = s.data->qvel[1], v2 = s.data->qvel[2];
    const bool fallen = y <= 1;
    const double distance_penalty = 0.01 * (x * x) + (y - 2) * (y - 2);
    const double velocity_penalty = 1e-3 * (v1 * v1) + 5e-3 * (v2 * v2);
    return {.reward = (fallen ? 0 : healthy_reward_) - distance_penalty - velocity_penalty,
            .terminated = fallen};
  }

  void Observe(const Simulation& s, std::span<double> observation) const override {
    const double* q = s.data->qpos;
    const auto clip = [](double x) { return std::clamp(x, -10.0, 10.0); };
    double* out = observation.data();
    // Cart, sines and cosines of both poles, clipped velocities, the force on the cart.
    *out++ = q[0];
    for (int i = 1; i < 3; ++i) *out++ = std::sin(q[i]);
    for (int i = 1; i < 3; ++i) *out++ = std::cos(q[i]);
    out = std::transform(s.data->qvel, s.data->qvel + 3, out, clip);
    *out = clip(s.data->qfrc_constraint[0]);
  }

 private:
  double healthy_reward_, reset_noise_scale_;
};

}  // namespace

std::vector<TaskEntry> InvertedPendulumTasks() {
  return {{.id = "InvertedPendulum-v5",
           .observation_size = 4,
           .action_size = 1,
           .max_episode_steps = 1000,
           .make = MakeWithArguments<InvertedPendulum>},
          {.id = "InvertedDoublePendulum-v5",
           .observation_size = 9,
           .action_size = 1,
           .max_episode_steps = 1000,
           .make = MakeWithArguments<InvertedDoublePendulum>}};
}

}  // namespace longplay
