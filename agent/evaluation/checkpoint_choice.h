// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "agent/runs/checkpoint.h"

namespace longplay {

enum class CheckpointRule { kLast, kBest, kStep };

/// Which checkpoint of a run is evaluated.
struct CheckpointChoice {
  CheckpointRule rule = CheckpointRule::kLast;
  int64_t step = 0;                 // for kStep
  int64_t selection_seeds = 0;      // for kBest: contexts each is tried in; 0 = evaluate.seeds
  std::vector<int64_t> candidates;  // for kBest: steps; empty = every checkpoint of the run
};

/// From "last", "best" or a step. Throws std::invalid_argument.
CheckpointChoice ParseCheckpointChoice(const std::string& text);

struct CheckpointScore {
  int64_t step = 0;
  double last = 0;  // mean return of the last episode over the selection seeds
};

struct ChosenCheckpoint {
  LoadedPolicy policy;
  std::string choice;                   // "last", "best", "step", or "given" for its own folder
  std::vector<CheckpointScore> scores;  // of the candidates, when the best was to be found
  uint64_t selection_seed = 0;          // first of selection_seeds
  int64_t selection_seeds = 0;          // 0 = none were used
};

/// The first seed that checkpoints are chosen with when those from `seed` on are scored: a million
/// later, so that no run that is reported took part in the choice.
uint64_t SelectionSeed(uint64_t seed);

/// Loads a checkpoint of `run`, a run folder or one checkpoint's own. The best is the one with the
/// highest mean return of the last episode on the selection seeds, the later one of equals; it is
/// played as `evaluate` says. `on_episodes` is told how many episodes the choice has taken so far.
/// Throws std::invalid_argument when a step is not there or a choice is asked of a single
/// checkpoint, else like LoadPolicy and Evaluate.
ChosenCheckpoint ChooseCheckpoint(const std::string& run, const CheckpointChoice& choice,
                                  const EvaluateOptions& evaluate, const torch::Device& device,
                                  const std::function<void(int64_t)>& on_episodes = {});

/// How many checkpoints ChooseCheckpoint will try.
int64_t CandidateCount(const std::string& run, const CheckpointChoice& choice);

}  // namespace longplay
