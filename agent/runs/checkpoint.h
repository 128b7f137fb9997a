// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "agent/learners/stacked_mlp.h"
#include "agent/runs/policy_record.h"
#include "agent/runs/run_folder.h"
#include "model/policy/policy_network.h"

namespace longplay {

/// Everything needed to go on training bit for bit.
struct TrainingState {
  // By parameter name and moment; for TD3+BC also all networks.
  std::map<std::string, torch::Tensor> optimizer;
  std::string sampler;      // std::mt19937_64 as text
  torch::Tensor generator;  // state of torch's CPU generator
};

/// Writes `folder` (…/checkpoints/step_N) whole or not at all: weights.safetensors, policy.json,
/// config.yaml, training.safetensors, probe.safetensors (an input and the output it gave).
void SaveCheckpoint(const std::string& folder, const PolicyNetwork& network,
                    const PolicyRecord& record, const TrainingState& training);

/// The same for TD3+BC's policy.
void SaveCheckpoint(const std::string& folder, const StackedMlp& actor, const PolicyRecord& record,
                    const TrainingState& training);

/// A sequence model or, for train.method td3_bc, an actor; the other one is null.
struct LoadedPolicy {
  PolicyNetwork network{nullptr};
  std::shared_ptr<const StackedMlp> actor;
  PolicyRecord record;
  std::string folder;  // the checkpoint it came from
};

/// `path` is a run folder (its newest checkpoint is taken) or one checkpoint. The probe is run
/// again and compared. Throws std::runtime_error naming the file when something is missing,
/// damaged, of a newer schema, or when the probe disagrees.
LoadedPolicy LoadPolicy(const std::string& path, const torch::Device& device);

/// Throws std::runtime_error like LoadPolicy.
TrainingState LoadTrainingState(const std::string& checkpoint_folder);

}  // namespace longplay
