// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <string>
#include <vector>

#include "agent/collecting/history_player.h"
#include "env/random_generator.h"

namespace longplay {

struct GoalSearchOptions {
  double exploration = 0.5;   // standard deviation of an aim's offset, in distances to the goal
  double action_noise = 0.1;  // most noise on an action, in shares of full control
  double patience = 2;        // [decisions] an aim is kept for, at most
  int64_t action_repeat = 1;  // control steps of a decision, over which its reward is summed
};

/// Searches a goal that is never observed by climbing the reward: a learner whose next decision
/// follows from what it has seen so far, and so can be imitated from the context alone.
///
///   what was seen ─► best position so far ─► + offset, the smaller the better its reward ─► aim
///                                                             position, velocity, aim ─► action
///
/// It remembers one thing across the episodes of a history: where the highest reward was earned.
/// It steers to a point around there, drawn anew every decision or two from a Gaussian whose width
/// is the distance that the highest reward tells; once the reward is full it stays. The first
/// episodes fail, later ones go straight to the goal. Learners differ in how they explore and how
/// cleanly they steer (drawn once per history), so that the data are a mixture.
///
/// Why not a learner that is better still, such as one that aims at draws from a posterior over
/// goals: its aims follow from the context only through trilateration, and a small policy trained
/// for minutes on such histories does not learn to search; with this one it does.
class GoalSearch : public Explorer {
 public:
  GoalSearch(int64_t simulations, const GoalSearchOptions& options);

  /// Whether the task is one that this learner can search: a point mass whose observation is
  /// position and velocity, and whose reward is point-goal's.
  static bool Handles(const std::string& environment);

  void StartHistory(int64_t i, uint64_t seed) override;
  void StartEpisode(int64_t i) override;
  void Act(int64_t i, std::span<const double> observation, std::span<double> action) override;
  void See(int64_t i, std::span<const double> observation, double reward) override;

 private:
  using Point = std::array<double, 2>;  // [m]

  struct Searcher {
    RandomGenerator random;
    double exploration = 0, action_noise = 0;  // of this history
    int64_t patience = 1;                      // [decisions] of this history
    Point best = {};                           // where the highest reward was earned
    double best_reward = 0;                    // of a control step, mean over its decision
    Point aim = {};
    int64_t aim_age = 0;  // [decisions]
  };

  void DrawAim(Searcher& searcher) const;

  GoalSearchOptions options_;
  std::vector<Searcher> searchers_;  // [B]
};

/// The action (each component in [-1, 1]) that brings a point mass with this position and velocity
/// nearest to `aim` within one decision of so many control steps.
std::array<double, 2> SteerTo(const std::array<double, 2>& aim, std::span<const double> observation,
                              int64_t action_repeat = 1);

/// [m] from the goal, by the reward of a control step there.
double GoalDistance(double reward);

}  // namespace longplay
