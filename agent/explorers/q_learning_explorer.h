// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include "agent/collect_work/explorer.h"
#include "agent/learners/q_table.h"
#include "env/environment_spec.h"
#include "env/random_generator.h"

namespace longplay {

/// A tabular Q-learner for each history, from knowing nothing on: it learns after every decision, so
/// that a history shows all of its learning, in order of time.
class QLearningExplorer : public Explorer {
 public:
  /// Histories of so many episodes each. Throws std::invalid_argument when actions are continuous.
  QLearningExplorer(const EnvironmentSpec& spec, int64_t simulations, int64_t episodes,
                    const QLearningOptions& options);

  void StartHistory(int64_t i, uint64_t seed) override;
  void StartEpisode(int64_t i) override;
  void Act(int64_t i, std::span<const double> observation, std::span<double> action) override;
  void See(int64_t i, std::span<const double> observation, double reward) override;

 private:
  struct Learner {
    QTable table;
    RandomGenerator random;
    int64_t episode = -1;  // of the history
    bool earned = false;   // anything in this episode
    QTable::State state;   // of the last decision
    int64_t action = 0;
  };

  QTable::State StateOf(const Learner& learner, std::span<const double> observation) const;

  int64_t actions_, episodes_;
  QLearningOptions options_;
  std::vector<Learner> learners_;  // [B]
};

}  // namespace longplay
