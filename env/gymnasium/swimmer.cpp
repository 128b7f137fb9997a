// SPDX-License-Identifier: MIT
#include "env/gymnasium/gymnasium_task.h"
#include "env/gymnasium/gymnasium_tasks.h"

namespace longplay {
namespace {

// Source: gymnasium/envs/mujoco/swimmer_v5.py, version 1.4.0.
class Swimmer : public GymnasiumTask {
 public:
  explicit Swimmer(TaskArguments& arguments)
      : GymnasiumTask(arguments, "swimmer.xml", 4),
        forward_reward_weight_(arguments.Number("forward_reward_weight", 1)),
        ctrl_cost_weight_(arguments.Number("ctrl_cost_weight", 1e-4)),
        reset_noise_scale_(arguments.Number("reset_noise_scale", 0.1)) {
    parts_.skipped_positions =
        arguments.Flag("exclude_current_positions_from_observation", true) ? 2 : 0;
  }

  void Initialize(const Simulation& s, RandomGenerator& random) const override {
    AddUniformPositionNoise(s, reset_noise_scale_, random);
    AddUniformVelocityNoise(s, reset_noise_scale_, random);
    mj_forward(s.model, s.data);
  }

  TaskStep Step(const Simulation& s, std::span<const double> action) const override {
    // forward_reward - ctrl_cost; x alone counts as forward.
    const double x_before = s.data->qpos[0];
    Simulate(s, action);
    const double x_velocity = (s.data->qpos[0] - x_before) / dt();
    return {.reward =
                forward_reward_weight_ * x_velocity - ControlCost(s, ctrl_cost_weight_, action)};
  }

 private:
  double forward_reward_weight_, ctrl_cost_weight_, reset_noise_scale_;
};

}  // namespace

std::vector<TaskEntry> SwimmerTasks() {
  return {{.id = "Swimmer-v5",
           .observation_size = 8,
           .action_size = 2,
           .max_episode_steps = 1000,
           .make = MakeWithArguments<Swimmer>}};
}

}  // namespace longplay
