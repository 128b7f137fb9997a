// SPDX-License-Identifier: MIT
#include "agent/learners/q_table.h"

#include <algorithm>

namespace longplay {

double QTable::value(const State& state, int64_t action) const {
  const auto row = values_.find(state);
  return row == values_.end() ? 0 : row->second[action];
}

double QTable::BestValue(const State& state) const {
  const auto row = values_.find(state);
  return row == values_.end() ? 0 : *std::ranges::max_element(row->second);
}

int64_t QTable::Act(const State& state, double exploration, RandomGenerator& random) const {
  // Always both draws, so that what follows does not depend on which of them was used.
  const bool explores = random.Uniform(0, 1) < exploration;
  const double draw = random.Uniform(0, 1);
  const auto row = values_.find(state);
  if (explores || row == values_.end()) {
    return static_cast<int64_t>(draw * static_cast<double>(actions_));
  }
  // Which of the equally good ones.
  const double best = *std::ranges::max_element(row->second);
  auto left =
      static_cast<int64_t>(draw * static_cast<double>(std::ranges::count(row->second, best)));
  int64_t action = 0;
  while (row->second[action] != best || left-- > 0) ++action;
  return action;
}

void QTable::Learn(const State& state, int64_t action, double reward, const State& next,
                   const QLearningOptions& options) {
  const double target = reward + options.discount * BestValue(next);
  auto& row = values_.try_emplace(state, actions_, 0.0).first->second;
  row[action] += options.learning_rate * (target - row[action]);
}

double ExplorationIn(int64_t episode, int64_t episodes, const QLearningOptions& options) {
  const double falling = options.exploration_share * static_cast<double>(episodes);
  const double done = falling > 0 ? std::min(1.0, static_cast<double>(episode) / falling) : 1.0;
  return options.first_exploration + done * (options.last_exploration - options.first_exploration);
}

}  // namespace longplay
