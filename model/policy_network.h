// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <vector>

#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>
#include <torch/types.h>

#include "model/options.h"
#include "model/sequence_mixer.h"

namespace longplay {

/// A stretch of N time steps of B chains, in the policy's units. Padding is on the right.
struct StepTensors {
  torch::Tensor returns;               // [B, N] float: target return still to come
  torch::Tensor observations;          // [B, N, O] float
  torch::Tensor previous_actions;      // [B, N, A] float
  torch::Tensor previous_rewards;      // [B, N] float
  torch::Tensor previous_completions;  // [B, N] float, 1 = the last step reached the target
  torch::Tensor episode_steps;         // [B, N] int64
  torch::Tensor episodes;              // [B, N] int64, position of the episode in its chain
};

/// Everything that a policy remembers of B chains: one mixer state per layer.
struct ContextState {
  std::vector<std::unique_ptr<MixerState>> layers;
};

///   steps ─► token embedding ─► L × (norm ─► mixer ─► + ─► norm ─► feed-forward ─► +) ─► norm ─► head
///
/// The head gives P numbers per time step: A actions (squared error: before tanh; categorical:
/// logits) or 2 A (Gaussian: means, then log standard deviations).
class PolicyNetworkImpl : public torch::nn::Module {
 public:
  /// Weights are drawn from torch's global generator. Throws c10::Error for impossible options.
  explicit PolicyNetworkImpl(const ModelOptions& options);

  /// [B, N, P] for whole chains from an empty context; differentiable.
  torch::Tensor forward(const StepTensors& steps);

  /// An empty context for `chains` chains; grows as needed, `capacity` [time steps] is a hint.
  ContextState StartContext(int64_t chains, int64_t capacity) const;

  /// One time step (N = 1) of every chain, given its context: [B, P]. Costs O(context); no gradient.
  /// Equals the last row of forward() over all steps so far.
  torch::Tensor Step(const StepTensors& step, ContextState& context);

  const ModelOptions& options() const { return options_; }

 private:
  ModelOptions options_;
  // the model's author adds its modules here
};
TORCH_MODULE(PolicyNetwork);

}  // namespace longplay
