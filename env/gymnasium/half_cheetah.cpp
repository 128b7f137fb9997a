// SPDX-License-Identifier: MIT
#include "env/gymnasium/gymnasium_task.h"
#include "env/gymnasium/gymnasium_tasks.h"

namespace longplay {
namespace {

// Source: gymnasium/envs/mujoco/half_cheetah_v5.py, version 1.4.0.
class HalfCheetah : public GymnasiumTask {
 public:
  explicit HalfCheetah(TaskArguments& arguments)
      : GymnasiumTask(arguments, "half_cheetah.xml", 5),
        forward_reward_weight_(arguments.Number("forward_reward_weight", 1)),
        ctrl_cost_weight_(arguments.Number("ctrl_cost_weight", 0.1)),
        reset_noise_scale_(arguments.Number("reset_noise_scale", 0.1)) {
    parts_.skipped_positions =
        arguments.Flag("exclude_current_positions_from_observation", true) ? 1 : 0;
  }

  void Initialize(const Simulation& s, RandomGenerator& random) const override {
    AddUniformPositionNoise(s, reset_noise_scale_, random);
    AddNormalVelocityNoise(s, reset_noise_scale_, random);
    mj_forward(s.model, s.data);
  }

  TaskStep Step(const Simulation& s, std::span<const double> action) const override {
    // forward_reward - ctrl_cost; no end but the time limit.
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

std::vector<TaskEntry> HalfCheetahTasks() {
  return {{.id = "HalfCheetah-v5",
           .observation_size = 17,
           .action_size = 6,
           .max_episode_steps = 1000,
           .make = MakeWithArguments<HalfCheetah>}};
}

}  // namespace longplay
