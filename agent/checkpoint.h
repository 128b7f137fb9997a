// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "agent/return_reference.h"
#include "agent/run_options.h"
#include "datasets/episode.h"
#include "datasets/normalizer.h"
#include "model/policy_network.h"

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
  uint64_t data_hash = 0;
  int64_t step = 0;  // optimiser steps done
};

/// Without the options, which config.yaml holds, but for the sizes that the data decided.
nlohmann::json ToJson(const PolicyRecord& record);
/// Throws std::runtime_error naming `path` when something is missing or of a newer schema.
PolicyRecord PolicyRecordFromJson(const nlohmann::json& json, const std::string& path,
                                  RunOptions options);

/// Everything needed to go on training bit for bit.
struct TrainingState {
  std::map<std::string, torch::Tensor> optimizer;  // by parameter name and moment
  std::string sampler;                             // std::mt19937_64 as text
  torch::Tensor generator;                         // state of torch's CPU generator
};

/// Writes `folder` (…/checkpoints/step_N) whole or not at all: weights.safetensors, policy.json,
/// config.yaml, training.safetensors, probe.safetensors (an input and the output it gave).
void SaveCheckpoint(const std::string& folder, const PolicyNetwork& network,
                    const PolicyRecord& record, const TrainingState& training);

struct LoadedPolicy {
  PolicyNetwork network{nullptr};
  PolicyRecord record;
  std::string folder;  // the checkpoint it came from
};

/// `path` is a run folder (its newest checkpoint is taken) or one checkpoint. The probe is run
/// again and compared. Throws std::runtime_error naming the file when something is missing,
/// damaged, of a newer schema, or when the probe disagrees.
LoadedPolicy LoadPolicy(const std::string& path, const torch::Device& device);

/// Throws std::runtime_error like LoadPolicy.
TrainingState LoadTrainingState(const std::string& checkpoint_folder);

/// Steps of the complete checkpoints below a run folder, ascending.
std::vector<int64_t> CheckpointSteps(const std::string& run_folder);

/// The folder of one of them, whether it is there or not.
std::string CheckpointFolder(const std::string& run_folder, int64_t step);

/// The newest complete checkpoint below a run folder, or empty.
std::string NewestCheckpoint(const std::string& run_folder);

}  // namespace longplay
