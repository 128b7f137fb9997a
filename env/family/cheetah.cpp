// SPDX-License-Identifier: MIT
// Gymnasium's HalfCheetah with a hidden wish, drawn once per chain: a velocity to keep, or a
// direction to run in. Rewards and the 200-step episodes are those that meta-reinforcement-learning
// papers use (PEARL, arXiv 1903.08254; Meta-DT, arXiv 2410.11448).
//
// Velocities: 50 values evenly spaced over [0.075, 3] m/s, numbered as in numbered_tasks.h.
// Directions: there are but two, so both sets hold both.
#include <algorithm>
#include <cmath>

#include "env/family/family_tasks.h"
#include "env/family/numbered_tasks.h"
#include "env/gymnasium/gymnasium_task.h"

namespace longplay {
namespace {

constexpr double kControlCostWeight = 0.05;
constexpr double kResetNoiseScale = 0.1;
constexpr double kSlowest = 0.075, kFastest = 3;  // [m/s]

double Velocity(int64_t number) {
  return kSlowest + (kFastest - kSlowest) * static_cast<double>(number) / (kNumberedTasks - 1);
}

class CheetahFamily : public GymnasiumTask {
 public:
  enum class Wish { kVelocity, kDirection };

  CheetahFamily(TaskArguments& arguments, Wish wish, bool wish_is_seen)
      : GymnasiumTask(arguments, "half_cheetah.xml", 5), wish_(wish), wish_is_seen_(wish_is_seen) {
    parts_.skipped_positions = 1;
  }

  int64_t observation_size(int64_t listed) const override { return listed; }

  void DrawParameter(ParameterSet set, RandomGenerator& random,
                     std::span<double> parameter) const override {
    if (wish_ == Wish::kDirection) {
      parameter[0] = random.Index(2) == 0 ? -1 : 1;
      return;
    }
    parameter[0] = Velocity(DrawTaskNumber(set, random));
  }

  void Initialize(const Simulation& s, RandomGenerator& random) const override {
    AddUniformPositionNoise(s, kResetNoiseScale, random);
    AddNormalVelocityNoise(s, kResetNoiseScale, random);
    mj_forward(s.model, s.data);
  }

  TaskStep Step(const Simulation& s, std::span<const double> action) const override {
    // -|v - wanted|, or v in the wanted direction [m/s].
    const double x_before = s.data->qpos[0];
    Simulate(s, action);
    const double velocity = (s.data->qpos[0] - x_before) / dt();
    const double gain =
        wish_ == Wish::kVelocity ? -std::abs(velocity - s.parameter[0]) : s.parameter[0] * velocity;
    return {.reward = gain - ControlCost(s, kControlCostWeight, action)};
  }

  void Observe(const Simulation& s, std::span<double> observation) const override {
    GymnasiumTask::Observe(s, observation);
    if (wish_is_seen_) observation.back() = s.parameter[0];
  }

 private:
  Wish wish_;
  bool wish_is_seen_;
};

}  // namespace

std::vector<TaskEntry> CheetahFamilyTasks() {
  using Wish = CheetahFamily::Wish;
  const auto entry = [](const std::string& name, Wish wish, bool seen) {
    return TaskEntry{.id = "family/" + name + "-v0",
                     .observation_size = seen ? 18 : 17,
                     .action_size = 6,
                     .max_episode_steps = 200,
                     .parameter_size = 1,
                     .make = [=](TaskArguments& arguments) {
                       return std::make_unique<CheetahFamily>(arguments, wish, seen);
                     }};
  };
  return {entry("cheetah-velocity", Wish::kVelocity, false),
          entry("cheetah-velocity-oracle", Wish::kVelocity, true),
          entry("cheetah-direction", Wish::kDirection, false),
          entry("cheetah-direction-oracle", Wish::kDirection, true)};
}

}  // namespace longplay
