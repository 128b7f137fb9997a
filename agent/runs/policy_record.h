// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "agent/config/context_use.h"
#include "agent/config/run_options.h"
#include "agent/scores/return_reference.h"
#include "datasets/episode.h"
#include "datasets/store/episode_set.h"
#include "datasets/store/normalizer.h"

namespace longplay {

/// What a policy needs to act, beside its weights.
struct PolicyRecord {
  RunOptions options;
  Normalizer normalizer;
  ActionKind action_kind = ActionKind::kContinuous;
  double best_return = 0;                    // in the data: the default target
  double mean_return = 0;                    // in the data
  std::string environment;                   // id named by the data, or empty
  std::optional<ReturnReference> reference;  // the data file's own, of `environment`
  TrainedRange trained;
  uint64_t data_hash = 0;
  int64_t step = 0;  // optimiser steps done
};

/// That of a run that begins. `options` are fitted to the data (agent/training/fit_to_data.h).
PolicyRecord MakePolicyRecord(const RunOptions& options, const EpisodeSet& set);

/// What training as `options` say can have shown a policy, where the data are not at hand: an upper
/// bound.
TrainedRange TrainedRangeOf(const RunOptions& options);

/// Without the options, which config.yaml holds, but for the sizes that the data decided.
nlohmann::json ToJson(const PolicyRecord& record);
/// Of a record without a trained range, as older ones are, it is that of the options. Throws
/// std::runtime_error naming `path` when something is missing or of a newer schema.
PolicyRecord PolicyRecordFromJson(const nlohmann::json& json, const std::string& path,
                                  RunOptions options);

}  // namespace longplay
