// SPDX-License-Identifier: MIT
#include <limits>

#include "env/gymnasium/gymnasium_task.h"
#include "env/task_list.h"

namespace longplay {
namespace {

constexpr double kForwardRewardWeight = 1.0;
constexpr double kControlCostWeight = 0.1;
constexpr double kResetNoiseScale = 0.1;

// Source: gymnasium/envs/mujoco/half_cheetah_v5.py, version 1.4.0.
class HalfCheetah : public GymnasiumTask {
 public:
  HalfCheetah() : GymnasiumTask("half_cheetah.xml", 5) {}

  void Initialize(const Simulation& s, RandomGenerator& random) const override {
    AddUniformPositionNoise(s, kResetNoiseScale, random);
    for (int i = 0; i < s.model->nv; ++i) s.data->qvel[i] += kResetNoiseScale * random.Normal();
    mj_forward(s.model, s.data);
  }

  TaskStep Step(const Simulation& s, std::span<const double> action) const override {
    const double x_before = s.data->qpos[0];
    Simulate(s, action);
    const double x_velocity = (s.data->qpos[0] - x_before) / dt();
    return {.reward =
                kForwardRewardWeight * x_velocity - kControlCostWeight * SumOfSquares(action)};
  }

  void Observe(const Simulation& s, std::span<double> observation) const override {
    ObservePositionsAndVelocities(s, 1, std::numeric_limits<double>::infinity(), observation);
  }
};

}  // namespace

std::vector<TaskEntry> HalfCheetahTasks() {
  return {{.id = "HalfCheetah-v5",
           .observation_size = 17,
           .action_size = 6,
           .max_episode_steps = 1000,
           .make = [] { return std::make_unique<HalfCheetah>(); }}};
}

}  // namespace longplay
