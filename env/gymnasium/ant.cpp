// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>

#include "env/gymnasium/gymnasium_task.h"
#include "env/gymnasium/gymnasium_tasks.h"

namespace longplay {
namespace {

// Source: gymnasium/envs/mujoco/ant_v5.py, version 1.4.0.
class Ant : public GymnasiumTask {
 public:
  explicit Ant(TaskArguments& arguments)
      : GymnasiumTask(arguments, "ant.xml", 5),
        forward_reward_weight_(arguments.Number("forward_reward_weight", 1)),
        ctrl_cost_weight_(arguments.Number("ctrl_cost_weight", 0.5)),
        contact_cost_weight_(arguments.Number("contact_cost_weight", 5e-4)),
        healthy_reward_(arguments.Number("healthy_reward", 1)),
        main_body_(arguments.Integer("main_body", 1)),
        terminate_when_unhealthy_(arguments.Flag("terminate_when_unhealthy", true)),
        healthy_z_(arguments.Range("healthy_z_range", {0.2, 1})),
        reset_noise_scale_(arguments.Number("reset_noise_scale", 0.1)) {
    parts_.skipped_positions =
        arguments.Flag("exclude_current_positions_from_observation", true) ? 2 : 0;
    parts_.contact_forces = arguments.Flag("include_cfrc_ext_in_observation", true);
    parts_.contact_range = arguments.Range("contact_force_range", {-1, 1});
    contact_costs_ = true;
    // A number that the model does not have would read beyond its bodies.
    main_body_ = std::clamp(main_body_, 0, static_cast<int>(model()->nbody) - 1);
  }

  void Initialize(const Simulation& s, RandomGenerator& random) const override {
    AddUniformPositionNoise(s, reset_noise_scale_, random);
    AddNormalVelocityNoise(s, reset_noise_scale_, random);
    mj_forward(s.model, s.data);
  }

  TaskStep Step(const Simulation& s, std::span<const double> action) const override {
    // The main body's frame, not its joint: one physics step behind, as in Gymnasium.
    const double* position = s.data->xpos + 3 * main_body_;
    const double x_before = position[0];
    Simulate(s, action);
    const double x_velocity = (position[0] - x_before) / dt();
    const bool healthy = IsHealthy(s);
    const double rewards = x_velocity * forward_reward_weight_ + (healthy ? healthy_reward_ : 0);
    const double costs = ControlCost(s, ctrl_cost_weight_, action) + ContactCost(s);
    return {.reward = rewards - costs, .terminated = !healthy && terminate_when_unhealthy_};
  }

 private:
  // is_healthy, both limits included. What is not finite ends the episode elsewhere.
  bool IsHealthy(const Simulation& s) const {
    return healthy_z_.first <= s.data->qpos[2] && s.data->qpos[2] <= healthy_z_.second;
  }

  double ContactCost(const Simulation& s) const {
    constexpr int kMostForces = 6 * 64;  // Gymnasium's ant has 14 bodies
    std::array<double, kMostForces> clipped;
    const int count = std::min<int>(6 * static_cast<int>(s.model->nbody), kMostForces);
    std::transform(s.data->cfrc_ext, s.data->cfrc_ext + count, clipped.begin(), [this](double f) {
      return std::clamp(f, parts_.contact_range.first, parts_.contact_range.second);
    });
    return contact_cost_weight_ * SumOfSquares({clipped.data(), static_cast<size_t>(count)});
  }

  double forward_reward_weight_, ctrl_cost_weight_, contact_cost_weight_, healthy_reward_;
  int main_body_;
  bool terminate_when_unhealthy_;
  std::pair<double, double> healthy_z_;
  double reset_noise_scale_;
};

}  // namespace

std::vector<TaskEntry> AntTasks() {
  return {{.id = "Ant-v5",
           .observation_size = 105,
           .action_size = 8,
           .max_episode_steps = 1000,
           .make = MakeWithArguments<Ant>}};
}

}  // namespace longplay
