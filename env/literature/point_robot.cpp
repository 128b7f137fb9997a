// SPDX-License-Identifier: MIT
// Point-Robot: a point in the plane that walks to a goal which it does not see.
//
//   state = observation   (x, y) [m], from (0, 0)
//   action                two numbers, clipped to [-1, 1]
//   step                  (x, y) += 0.1 action; no walls, no velocity
//   reward                minus the distance to the goal after the step
//   end                   after 20 steps, never before: the release's box around the goal was
//                         switched off when the public data were recorded
//   goals                 50, RandomState(123456).uniform(-1, 1, (50, 2)); tests 45 ... 49
//
// Argument `variant`: t2da, or t2mir, which starts within (-0.1, 0.1)^2 and tests 36, 39, 46, 48, 49.
// Other arguments: env/literature/task_numbers.h.
// Source: NJU-RL/T2DA f6a1879, diffuser/environments/point_robot.py (arXiv 2504.15046), and its data;
// NJU-RL/T2MIR 5e946c5.
#include <algorithm>
#include <array>
#include <cmath>

#include "env/literature/literature_tasks.h"
#include "env/literature/published_random.h"
#include "env/literature/task_numbers.h"

namespace longplay {
namespace {

constexpr int64_t kPointTasks = 50, kPointSteps = 20;
constexpr uint32_t kPointSeed = 123456;
constexpr double kPointReach = 0.1;       // [m] of a step along an axis
constexpr double kPointStartNoise = 0.1;  // [m] of t2mir

using PointGoals = std::array<std::array<double, 2>, kPointTasks>;

PointGoals PublishedPointGoals() {
  PointGoals goals;
  MersenneTwister random = MersenneTwister::OfNumpy(kPointSeed);
  for (auto& goal : goals) {
    for (double& coordinate : goal) coordinate = random.Uniform(-1, 1);
  }
  return goals;
}

class PointRobot : public PlainTask {
 public:
  PointRobot(TaskArguments& arguments, bool goal_is_seen)
      : is_t2mir_(arguments.Choice("variant", {"t2da", "t2mir"}) == 1),
        numbers_(arguments, kPointTasks,
                 is_t2mir_ ? std::vector<int64_t>{36, 39, 46, 48, 49} : LastFiveOfFifty()),
        goals_(PublishedPointGoals()),
        goal_is_seen_(goal_is_seen) {}

  int64_t state_size() const override { return 2; }

  void DrawParameter(ParameterSet set, RandomGenerator& random,
                     std::span<double> goal) const override {
    if (numbers_.are_drawn()) {
      for (double& coordinate : goal) coordinate = random.Uniform(-1, 1);
    } else {
      std::ranges::copy(goals_[numbers_.Draw(set, random)], goal.begin());
    }
  }

  void Initialize(const PlainSimulation& s, RandomGenerator& random) const override {
    const double noise = is_t2mir_ ? kPointStartNoise : 0;
    for (double& x : s.state) x = noise > 0 ? random.Uniform(-noise, noise) : 0;
  }

  TaskStep Step(const PlainSimulation& s, std::span<const double> action) const override {
    for (size_t k = 0; k < 2; ++k) s.state[k] += kPointReach * std::clamp(action[k], -1.0, 1.0);
    return {.reward = -std::hypot(s.state[0] - s.parameter[0], s.state[1] - s.parameter[1])};
  }

  void Observe(const PlainSimulation& s, std::span<double> observation) const override {
    const auto rest = std::ranges::copy(s.state, observation.begin()).out;
    if (goal_is_seen_) std::ranges::copy(s.parameter, rest);
  }

 private:
  bool is_t2mir_;
  TaskNumbers numbers_;
  PointGoals goals_;
  bool goal_is_seen_;
};

}  // namespace

std::vector<PlainEntry> PointRobotTasks() {
  const auto entry = [](const char* id, int64_t observation_size, bool goal_is_seen) {
    return PlainEntry{.spec = {.id = id,
                               .observation_size = observation_size,
                               .action_size = 2,
                               .max_episode_steps = kPointSteps,
                               .action_low = {},
                               .action_high = {},
                               .parameter_size = 2},
                      .make = [=](TaskArguments& arguments) {
                        return std::make_unique<PointRobot>(arguments, goal_is_seen);
                      }};
  };
  return {entry("literature/point-robot-v0", 2, false),
          entry("literature/point-robot-oracle-v0", 4, true)};
}

}  // namespace longplay
