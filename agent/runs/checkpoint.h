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

#include "agent/learners/acting_weights.h"
#include "agent/learners/stacked_mlp.h"
#include "agent/runs/policy_record.h"
#include "agent/runs/run_folder.h"
#include "model/policy/policy_network.h"

namespace longplay {

/// Everything needed to go on training bit for bit.
struct TrainingState {
  // Learner::state, by name.
  std::map<std::string, torch::Tensor> optimizer;
  std::string sampler;  // std::mt19937_64 as text
  // What the log has not written yet, and counts of the whole run; null in checkpoints of 0.1.
  nlohmann::json log = {};
};

/// Writes `folder` (…/checkpoints/step_N) whole or not at all: weights.safetensors, policy.json,
/// config.yaml, training.safetensors, probe.safetensors (the output for fixed inputs).
void SaveCheckpoint(const std::string& folder, const ActingWeights& acting,
                    const PolicyRecord& record, const TrainingState& training);

/// What acts after training, a sequence model or an actor; the other one is null.
struct LoadedPolicy {
  PolicyNetwork network{nullptr};
  std::shared_ptr<const StackedMlp> actor;
  PolicyRecord record;
  std::string folder;  // the checkpoint it came from
};

/// The policy of a record with these weights, which are copied; on their device.
LoadedPolicy PolicyOf(const TensorMap& weights, const PolicyRecord& record);

/// The weights of whichever it holds, by name: views.
TensorMap NamedWeights(const LoadedPolicy& policy);

/// `path` is a run folder (its newest checkpoint is taken) or one checkpoint. The probe is run
/// again and compared. Throws std::runtime_error naming the file when something is missing,
/// damaged, of a newer schema, or when the probe disagrees.
LoadedPolicy LoadPolicy(const std::string& path, const torch::Device& device);

/// Throws std::runtime_error like LoadPolicy.
TrainingState LoadTrainingState(const std::string& checkpoint_folder);

}  // namespace longplay
