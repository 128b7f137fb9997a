// SPDX-License-Identifier: MIT
#include "agent/collecting/goal_search.h"

#include <algorithm>
#include <cmath>

namespace longplay {
namespace {

// Of family/point-goal-v0, see env/family/point_goal.cpp.
constexpr char kGoalTask[] = "family/point-goal-v0";
constexpr double kGoalRadius = 0.015;  // [m]
constexpr double kMargin = 0.15;       // [m] beyond the radius, where the reward is 0.1
constexpr double kTopSpeed = 0.1;      // [m/s] at full control
constexpr double kTimeConstant = 0.3;  // [s] of the velocity
constexpr double kControlStep = 0.5;   // [s]
constexpr double kLeastReward = 1e-3;  // tells 1.6 m, more than the arena is wide

}  // namespace

double GoalDistance(double reward) {
  // The inverse of the reward: 1 / (1 + (3 d / kMargin)^2) at distance d beyond the radius.
  const double clamped = std::clamp(reward, kLeastReward, 1.0);
  return kGoalRadius + kMargin * std::sqrt(1 / clamped - 1) / 3;
}

std::array<double, 2> SteerTo(const std::array<double, 2>& aim, std::span<const double> observation,
                              int64_t action_repeat) {
  // Under constant control the velocity goes exponentially to its top speed:
  // travelled = coasted * velocity + (decision - coasted) * kTopSpeed * action.
  const double decision = static_cast<double>(action_repeat) * kControlStep;
  const double coasted = kTimeConstant * (1 - std::exp(-decision / kTimeConstant));
  std::array<double, 2> action;
  for (size_t a = 0; a < 2; ++a) {
    const double wanted = aim[a] - observation[a] - coasted * observation[2 + a];
    action[a] = std::clamp(wanted / (kTopSpeed * (decision - coasted)), -1.0, 1.0);
  }
  return action;
}

GoalSearch::GoalSearch(int64_t simulations, const GoalSearchOptions& options)
    : options_(options),
      searchers_(simulations, {.random = RandomGenerator(0, RandomGenerator::Stream::kLearner)}) {}

bool GoalSearch::Handles(const std::string& environment) { return environment == kGoalTask; }

void GoalSearch::StartHistory(int64_t i, uint64_t seed) {
  Searcher& searcher = searchers_[i];
  searcher = {.random = RandomGenerator(seed, RandomGenerator::Stream::kLearner)};
  // Learners differ, so that the data are a mixture.
  searcher.exploration = options_.exploration * searcher.random.Uniform(0.5, 1.5);
  searcher.action_noise = options_.action_noise * searcher.random.Uniform(0, 1);
  searcher.patience = 1 + searcher.random.Index(static_cast<int64_t>(options_.patience));
}

void GoalSearch::StartEpisode(int64_t i) { DrawAim(searchers_[i]); }

void GoalSearch::DrawAim(Searcher& searcher) const {
  // The better the best reward, the nearer to its place; zero once it was within the radius.
  const double offset =
      searcher.exploration * std::max(0.0, GoalDistance(searcher.best_reward) - kGoalRadius);
  for (size_t a = 0; a < 2; ++a) {
    searcher.aim[a] = searcher.best[a] + offset * searcher.random.Normal();
  }
  searcher.aim_age = 0;
}

void GoalSearch::Act(int64_t i, std::span<const double> observation, std::span<double> action) {
  Searcher& searcher = searchers_[i];
  if (searcher.aim_age++ == searcher.patience) {
    DrawAim(searcher);
    searcher.aim_age = 1;
  }
  const auto steered = SteerTo(searcher.aim, observation, options_.action_repeat);
  for (size_t a = 0; a < 2; ++a) {
    const double noise = searcher.action_noise * searcher.random.Normal();
    action[a] = std::clamp(steered[a] + noise, -1.0, 1.0);
  }
}

void GoalSearch::See(int64_t i, std::span<const double> observation, double reward) {
  Searcher& searcher = searchers_[i];
  // Summed over the way; the mean tells the distance as well as one number can.
  const double of_a_step = reward / static_cast<double>(options_.action_repeat);
  if (of_a_step <= searcher.best_reward) return;
  searcher.best_reward = of_a_step;
  searcher.best = {observation[0], observation[1]};
}

}  // namespace longplay
