// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include "agent/files/safetensors.h"
#include "agent/learners/stacked_mlp.h"
#include "model/policy/policy_network.h"

namespace longplay {

/// What acts, as a checkpoint holds it.
struct ActingWeights {
  TensorMap weights;    // by name; views of the parameters
  torch::Tensor probe;  // on the CPU: the output for fixed inputs, which damaged weights change
};

TensorMap NamedWeights(const PolicyNetwork& network);
TensorMap NamedWeights(const StackedMlp& actor);
torch::Tensor ProbeOutput(PolicyNetwork network);
torch::Tensor ProbeOutput(const StackedMlp& actor);

/// Fills the weights `into` from `from`, of which it may be a part. Throws std::runtime_error
/// "loading policy: <path>: ..." when one is missing or of another shape.
void CopyWeights(const TensorMap& from, const TensorMap& into, const std::string& path);

}  // namespace longplay
