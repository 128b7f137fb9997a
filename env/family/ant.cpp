// SPDX-License-Identifier: MIT
// Gymnasium's Ant with a hidden direction to run in, drawn once per chain: 50 directions evenly
// around the circle, numbered as in numbered_tasks.h. Reward: speed in that direction + 1 for being
// upright - 0.5 |action|^2, episodes of 200 steps (PEARL, arXiv 1903.08254; Meta-DT,
// arXiv 2410.11448). Observations are Gymnasium's without contact forces (27 numbers), and there is
// no cost of contacts: the simulators of those papers reported no contact forces.
#include <algorithm>
#include <cmath>
#include <numbers>

#include "env/family/family_tasks.h"
#include "env/family/numbered_tasks.h"
#include "env/gymnasium/gymnasium_task.h"

namespace longplay {
namespace {

constexpr double kControlCostWeight = 0.5, kResetNoiseScale = 0.1;
constexpr double kLowest = 0.2, kHighest = 1;  // [m] of an upright torso
constexpr int kTorso = 1;

class AntDirection : public GymnasiumTask {
 public:
  AntDirection(TaskArguments& arguments, bool direction_is_seen)
      : GymnasiumTask(arguments, "ant.xml", 5), direction_is_seen_(direction_is_seen) {
    parts_.skipped_positions = 2;
  }

  int64_t observation_size(int64_t listed) const override { return listed; }

  void DrawParameter(ParameterSet set, RandomGenerator& random,
                     std::span<double> direction) const override {
    const double angle =
        2 * std::numbers::pi * static_cast<double>(DrawTaskNumber(set, random)) / kNumberedTasks;
    direction[0] = std::cos(angle);
    direction[1] = std::sin(angle);
  }

  void Initialize(const Simulation& s, RandomGenerator& random) const override {
    AddUniformPositionNoise(s, kResetNoiseScale, random);
    AddNormalVelocityNoise(s, kResetNoiseScale, random);
    mj_forward(s.model, s.data);
  }

  TaskStep Step(const Simulation& s, std::span<const double> action) const override {
    // Torso's frame, as Gymnasium measures it; speed along the hidden direction [m/s].
    const double* position = s.data->xpos + 3 * kTorso;
    const double x = position[0], y = position[1];
    Simulate(s, action);
    const double speed =
        ((position[0] - x) * s.parameter[0] + (position[1] - y) * s.parameter[1]) / dt();
    const bool upright = kLowest <= s.data->qpos[2] && s.data->qpos[2] <= kHighest;
    const double reward = speed + (upright ? 1 : 0) - ControlCost(s, kControlCostWeight, action);
    return {.reward = reward, .terminated = !upright};
  }

  void Observe(const Simulation& s, std::span<double> observation) const override {
    GymnasiumTask::Observe(s, observation);
    if (!direction_is_seen_) return;
    std::copy(s.parameter.begin(), s.parameter.end(), observation.end() - 2);
  }

 private:
  bool direction_is_seen_;
};

TaskEntry Entry(const std::string& id, bool seen) {
  return {.id = id,
          .observation_size = seen ? 29 : 27,
          .action_size = 8,
          .max_episode_steps = 200,
          .parameter_size = 2,
          .make = [=](TaskArguments& arguments) {
            return std::make_unique<AntDirection>(arguments, seen);
          }};
}

}  // namespace

std::vector<TaskEntry> AntFamilyTasks() {
  return {Entry("family/ant-direction-v0", false), Entry("family/ant-direction-oracle-v0", true)};
}

}  // namespace longplay
