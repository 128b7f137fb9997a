// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "agent/comparison/comparison.h"

namespace longplay {

/// Two context lengths, two training seeds, both budgets in one; two episodes, two evaluation
/// seeds. Row r from seed s earns 10 r + s in its first episode and 5 more in its last.
inline Comparison SmallComparison() {
  Comparison comparison{
      .title = "small", .command = "longplay compare small.yaml", .versions = {{"longplay", "1"}}};
  comparison.rows = {{.name = "1 episode", .settings = {{"chain.episodes", "1"}}},
                     {.name = "4 episodes", .settings = {{"chain.episodes", "4"}}}};
  comparison.tasks = {{.name = "",
                       .environment = "Hopper-v5",
                       .data = "hopper.hdf5",
                       .data_hash = "123",
                       .episodes = 10,
                       .steps = 100,
                       .mean_return = 3,
                       .best_return = 20,
                       .evaluation_seeds = 2,
                       .evaluation_episodes = 2}};
  comparison.budgets = {Budget::kSteps, Budget::kTokens};
  comparison.seeds = {0, 1};
  for (size_t seed = 0; seed < 2; ++seed) {
    for (size_t row = 0; row < 2; ++row) {
      const double base = 10.0 * static_cast<double>(row) + static_cast<double>(seed);
      RunOutcome outcome;
      outcome.returns = {{base - 1, base + 4}, {base + 1, base + 6}};
      outcome.steps = {1, 2};
      outcome.losses = {2, 1};
      outcome.peak_bytes = 1 << 20;
      outcome.tokens_per_second = 100;
      comparison.runs.push_back({.row = row,
                                 .task = 0,
                                 .seed = seed,
                                 .budgets = comparison.budgets,
                                 .steps = 2,
                                 .tokens = 50,
                                 .context_episodes = row == 0 ? 1 : 4,
                                 .context_steps = row == 0 ? 10.0 : 40.0,
                                 .folder = std::to_string(row) + std::to_string(seed),
                                 .hashes = {"h", "h"},
                                 .outcome = outcome});
    }
  }
  return comparison;
}

/// The small one with four training runs, whose second row was trained on chains of one episode
/// fewer than it plays: of three, in which it earns 5, then much, then nothing.
inline Comparison LongerThanTrained() {
  Comparison comparison = SmallComparison();
  comparison.seeds = {0, 1, 2, 3};
  comparison.tasks[0].evaluation_episodes = 3;
  comparison.rows[1].name = "2 episodes";
  const std::vector<ComparedRun> two = comparison.runs;
  comparison.runs.clear();
  for (const uint64_t seed : comparison.seeds) {
    for (size_t row = 0; row < 2; ++row) {
      ComparedRun run = two[row];
      const auto shift = static_cast<double>(seed);
      run.seed = seed;
      run.context_episodes = row == 0 ? 1 : 2;
      run.scored_episode = row == 0 ? 3 : 2;
      run.episodes_apart = row == 0;
      run.outcome->returns = row == 0 ? std::vector<std::vector<double>>{{5, 6 + shift, 5}}
                                      : std::vector<std::vector<double>>{{5, 20 + shift, 0}};
      comparison.runs.push_back(run);
    }
  }
  return comparison;
}

}  // namespace longplay
