// SPDX-License-Identifier: MIT
#include <algorithm>

#include "env/gymnasium/gymnasium_task.h"
#include "env/task_list.h"

namespace longplay {
namespace {

constexpr double kForwardRewardWeight = 1.0;
constexpr double kControlCostWeight = 1e-3;
constexpr double kHealthyReward = 1.0;
constexpr double kHealthyState = 100.0;  // +- of every position and velocity but x and z
constexpr double kHealthyHeight = 0.7;   // [m] at least
constexpr double kHealthyAngle = 0.2;    // [rad] +-
constexpr double kVelocityLimit = 10;    // observed velocities are clipped
constexpr double kResetNoiseScale = 5e-3;

bool IsHealthy(const Simulation& s) {
  const auto in_range = [](double x) { return -kHealthyState < x && x < kHealthyState; };
  const double height = s.data->qpos[1], angle = s.data->qpos[2];
  return std::all_of(s.data->qpos + 2, s.data->qpos + s.model->nq, in_range) &&
         std::all_of(s.data->qvel, s.data->qvel + s.model->nv, in_range) &&
         kHealthyHeight < height && -kHealthyAngle < angle && angle < kHealthyAngle;
}

// Source: gymnasium/envs/mujoco/hopper_v5.py, version 1.4.0.
class Hopper : public GymnasiumTask {
 public:
  Hopper() : GymnasiumTask("hopper.xml", 4) {}

  void Initialize(const Simulation& s, RandomGenerator& random) const override {
    AddUniformPositionNoise(s, kResetNoiseScale, random);
    for (int i = 0; i < s.model->nv; ++i) {
      s.data->qvel[i] += random.Uniform(-kResetNoiseScale, kResetNoiseScale);
    }
    mj_forward(s.model, s.data);
  }

  TaskStep Step(const Simulation& s, std::span<const double> action) const override {
    const double x_before = s.data->qpos[0];
    Simulate(s, action);
    const double x_velocity = (s.data->qpos[0] - x_before) / dt();
    const bool healthy = IsHealthy(s);
    const double rewards = kForwardRewardWeight * x_velocity + (healthy ? kHealthyReward : 0);
    return {.reward = rewards - kControlCostWeight * SumOfSquares(action), .terminated = !healthy};
  }

  void Observe(const Simulation& s, std::span<double> observation) const override {
    ObservePositionsAndVelocities(s, 1, kVelocityLimit, observation);
  }
};

}  // namespace

std::vector<TaskEntry> HopperTasks() {
  return {{.id = "Hopper-v5",
           .observation_size = 11,
           .action_size = 3,
           .max_episode_steps = 1000,
           .make = [] { return std::make_unique<Hopper>(); }}};
}

}  // namespace longplay
