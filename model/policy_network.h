// SPDX-License-Identifier: MIT
#pragma once

#include <torch/nn/module.h>
#include <torch/nn/modules/linear.h>
#include <torch/nn/modules/normalization.h>
#include <torch/nn/pimpl.h>
#include <torch/types.h>

#include <memory>
#include <vector>

#include "model/layer_stack.h"
#include "model/options.h"
#include "model/sequence_mixer.h"
#include "model/step_tensors.h"
#include "model/token_embedding.h"

namespace longplay {

/// Everything that a policy remembers of B chains: one mixer state per layer.
struct ContextState {
  std::vector<std::unique_ptr<MixerState>> layers;
};

///   steps ─► token embedding ─► L × (norm ─► mixer ─► + ─► norm ─► feed-forward ─► +) ─► norm ─►
///   head
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

  /// One time step (N = 1) of every chain, given its context: [B, P]. Costs O(context); no
  /// gradient. Equals the last row of forward() over all steps so far.
  torch::Tensor Step(const StepTensors& step, ContextState& context);

  const ModelOptions& options() const { return options_; }

 private:
  torch::Tensor Dropped(const torch::Tensor& tokens) const;
  torch::Tensor Segments(const StepTensors& steps) const;
  torch::Tensor Predict(const torch::Tensor& y);

  ModelOptions options_;
  TokenEmbedding tokens_{nullptr};
  LayerStack layers_{nullptr};
  torch::nn::LayerNorm final_norm_{nullptr};
  torch::nn::Linear head_{nullptr};
};
TORCH_MODULE(PolicyNetwork);

}  // namespace longplay
