// SPDX-License-Identifier: MIT
#include <algorithm>
#include <limits>

#include "env/gymnasium/gymnasium_task.h"
#include "env/gymnasium/gymnasium_tasks.h"

namespace longplay {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// Strictly between the two.
bool IsInside(double x, const std::pair<double, double>& range) {
  return range.first < x && x < range.second;
}

// Hopper and Walker2d: run forward without falling.
// Source: gymnasium/envs/mujoco/hopper_v5.py and walker2d_v5.py, version 1.4.0.
class Runner : public GymnasiumTask {
 public:
  struct Ranges {
    std::pair<double, double> z, angle;
  };

  void Initialize(const Simulation& s, RandomGenerator& random) const override {
    AddUniformPositionNoise(s, reset_noise_scale_, random);
    AddUniformVelocityNoise(s, reset_noise_scale_, random);
    mj_forward(s.model, s.data);
  }

  TaskStep Step(const Simulation& s, std::span<const double> action) const override {
    // forward_reward + healthy_reward - ctrl_cost
    const double x_before = s.data->qpos[0];
    Simulate(s, action);
    const double x_velocity = (s.data->qpos[0] - x_before) / dt();
    const bool healthy = IsHealthy(s);
    const double rewards = forward_reward_weight_ * x_velocity + (healthy ? healthy_reward_ : 0);
    return {.reward = rewards - ControlCost(s, ctrl_cost_weight_, action),
            .terminated = !healthy && terminate_when_unhealthy_};
  }

 protected:
  Runner(TaskArguments& arguments, const std::string& file, const Ranges& ranges)
      : GymnasiumTask(arguments, file, 4),
        forward_reward_weight_(arguments.Number("forward_reward_weight", 1)),
        ctrl_cost_weight_(arguments.Number("ctrl_cost_weight", 1e-3)),
        healthy_reward_(arguments.Number("healthy_reward", 1)),
        terminate_when_unhealthy_(arguments.Flag("terminate_when_unhealthy", true)),
        healthy_z_(arguments.Range("healthy_z_range", ranges.z)),
        healthy_angle_(arguments.Range("healthy_angle_range", ranges.angle)),
        reset_noise_scale_(arguments.Number("reset_noise_scale", 5e-3)) {
    parts_.velocity_limit = 10;
    parts_.skipped_positions =
        arguments.Flag("exclude_current_positions_from_observation", true) ? 1 : 0;
  }

  // Torso: qpos 1 is its height [m], 2 its angle [rad].
  virtual bool IsHealthy(const Simulation& s) const {
    return IsInside(s.data->qpos[1], healthy_z_) && IsInside(s.data->qpos[2], healthy_angle_);
  }

 private:
  double forward_reward_weight_, ctrl_cost_weight_, healthy_reward_;
  bool terminate_when_unhealthy_;
  std::pair<double, double> healthy_z_, healthy_angle_;
  double reset_noise_scale_;
};

class Hopper : public Runner {
 public:
  explicit Hopper(TaskArguments& arguments)
      : Runner(arguments, "hopper.xml", {.z = {0.7, kInfinity}, .angle = {-0.2, 0.2}}),
        healthy_state_(arguments.Range("healthy_state_range", {-100, 100})) {}

 protected:
  bool IsHealthy(const Simulation& s) const override {
    // healthy_state_range holds for all but x and height, velocities included.
    const auto inside = [this](double x) { return IsInside(x, healthy_state_); };
    return std::all_of(s.data->qpos + 2, s.data->qpos + s.model->nq, inside) &&
           std::all_of(s.data->qvel, s.data->qvel + s.model->nv, inside) && Runner::IsHealthy(s);
  }

 private:
  std::pair<double, double> healthy_state_;
};

class Walker2d : public Runner {
 public:
  explicit Walker2d(TaskArguments& arguments)
      : Runner(arguments, "walker2d_v5.xml", {.z = {0.8, 2}, .angle = {-1, 1}}) {}
};

}  // namespace

std::vector<TaskEntry> HopperTasks() {
  return {{.id = "Hopper-v5",
           .observation_size = 11,
           .action_size = 3,
           .max_episode_steps = 1000,
           .make = MakeWithArguments<Hopper>},
          {.id = "Walker2d-v5",
           .observation_size = 17,
           .action_size = 6,
           .max_episode_steps = 1000,
           .make = MakeWithArguments<Walker2d>}};
}

}  // namespace longplay
