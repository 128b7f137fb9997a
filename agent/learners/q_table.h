// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "env/random_generator.h"

namespace longplay {

/// Of tabular Q-learning.
struct QLearningOptions {
  double learning_rate = 0.5;      // share of the error that an update takes over
  double discount = 0.95;          // per decision
  double first_exploration = 1;    // share of random actions in a history's first episode
  double last_exploration = 0.05;  // from then on that exploration_share of its episodes are over
  double exploration_share = 0.8;  // in between it falls in a line, episode by episode
  bool remembers_reward = true;    // whether the episode earned anything yet is part of the state
};

/// Values of actions in states that are named by a few numbers; 0 until learnt.
/// Source: Watkins, 1989; Sutton and Barto, 2nd edition, section 6.5.
class QTable {
 public:
  using State = std::vector<double>;

  /// Of `actions` choices.
  explicit QTable(int64_t actions) : actions_(actions) {}

  /// A best action in that state, one of the best by chance; with probability `exploration` any.
  int64_t Act(const State& state, double exploration, RandomGenerator& random) const;

  /// value += learning_rate (reward + discount max value of `next` - value). A time limit is no end,
  /// and an end has value 0 as long as nobody acts there.
  void Learn(const State& state, int64_t action, double reward, const State& next,
             const QLearningOptions& options);

  /// 0 where nothing was learnt.
  double value(const State& state, int64_t action) const;

 private:
  double BestValue(const State& state) const;

  int64_t actions_;
  std::map<State, std::vector<double>> values_;
};

/// The share of random actions in episode `episode` of so many.
double ExplorationIn(int64_t episode, int64_t episodes, const QLearningOptions& options);

}  // namespace longplay
