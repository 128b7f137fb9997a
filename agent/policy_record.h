// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>

#include "agent/run_options.h"
#include "datasets/episode.h"
#include "datasets/normalizer.h"
#include "datasets/trajectory_set.h"

namespace longplay {

/// What a policy needs to act, beside its weights.
struct PolicyRecord {
  RunOptions options;
  Normalizer normalizer;
  ActionKind action_kind = ActionKind::kContinuous;
  double best_return = 0;   // in the data: the default target
  double mean_return = 0;   // in the data
  std::string environment;  // id named by the data, or empty
  uint64_t data_hash = 0;
  int64_t step = 0;  // optimiser steps done
};

/// That of a run that begins. `options` are fitted to the data (agent/trainer.h).
PolicyRecord MakePolicyRecord(const RunOptions& options, const TrajectorySet& set);

}  // namespace longplay
