// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "agent/config/run_options.h"
#include "agent/evaluation/checkpoint_choice.h"

namespace longplay {

struct RequestedRun {
  std::string folder;  // a run's, or one checkpoint's
  CheckpointChoice checkpoint = {};
};

/// What `longplay eval` is asked to do.
struct EvaluationRequest {
  std::vector<RequestedRun> runs;  // training seeds of one policy, at least one
  EvaluateOptions options;         // how they play
  std::vector<std::string> data;   // not empty: no simulator; actions are compared with these
                                   // files', options.seeds chains of options.episodes episodes
  std::string device = "cpu";
};

/// Does it and returns a result document, which holds all that is needed to do it again:
///   schema, kind ("returns" or "action_error"), versions, options, data (file names) and data_hash
///   machine {device, processor, threads}: numbers are promised to come back exactly on the same
///   runs [{run, train_seed, data_hash, weights_hash, checkpoint {choice, step, selection}, config,
///         and the result of this run alone}]
///   the result of all of them: keys of ToJson in evaluation.h or action_error.h
///   of a single run also: run, checkpoint_step
/// `on_progress` hears of the episodes (or chains) done. Throws std::invalid_argument when runs
/// differ in more than their seed or do not fit the environment or data, std::runtime_error when
/// one cannot be loaded.
nlohmann::json RunEvaluation(const EvaluationRequest& request,
                             const std::function<void(int64_t done, int64_t of)>& on_progress = {});

/// Episodes as trained where held-out data are asked for, everything else as the first run says.
EvaluateOptions DefaultOptions(const EvaluationRequest& request);

}  // namespace longplay
