// SPDX-License-Identifier: MIT
#pragma once

#include <torch/nn/module.h>
#include <torch/nn/modules/linear.h>
#include <torch/nn/pimpl.h>
#include <torch/types.h>

#include <memory>
#include <string>
#include <vector>

#include "model/layers/layer_stack.h"
#include "model/mixing/sequence_mixer.h"
#include "model/options.h"
#include "model/policy/token_embedding.h"
#include "model/policy/value_heads.h"
#include "model/rows/norm.h"
#include "model/tensors/step_tensors.h"

namespace longplay {

/// Everything that a policy remembers of B chains that act, each at a time of its own.
struct ContextState {
  StackContext layers;
  std::vector<uint8_t> fresh;  // [B] 1 = this chain has not acted yet
  int64_t window = 0;          // [time steps] seen; 0 = all

  /// Chain i begins anew, as if it had never acted.
  void Forget(int64_t i);
  /// Keeps the chains `rows` alone, in this order.
  void Select(const std::vector<int64_t>& rows);
  int64_t bytes() const { return layers.bytes(); }  // of memory in use
};

struct Prediction {
  torch::Tensor output;   // [B, N, P]
  torch::Tensor penalty;  // scalar, what the loss has beside the output's; undefined = nothing
  // [B, N, D] what value heads read, in the type of the parameters; undefined without any.
  torch::Tensor features = {};
};

///   steps ─► token embedding ─► L × (norm ─► mixer ─► + ─► norm ─► feed-forward ─► +)
///                             output [B, N, P] ◄─ head ◄─ norm ◄───────────────────────┘
///
/// The head gives P numbers per time step: A actions (squared error: before tanh; categorical:
/// logits) or 2 A (Gaussian: means, then log standard deviations). Value heads, where there are any,
/// read what the head reads.
class PolicyNetworkImpl : public torch::nn::Module {
 public:
  /// Weights are drawn from torch's global generator. Throws c10::Error for impossible options.
  ///   value_hidden  units of the value heads' layers; 0 = no value heads
  explicit PolicyNetworkImpl(const ModelOptions& options, int64_t value_hidden = 0);

  /// [B, N, P] for whole chains from an empty context; differentiable.
  torch::Tensor forward(const StepTensors& steps) { return Predict(steps).output; }
  /// With steps.slice, of this rank's steps; all ranks of the slice call it, and backward.
  Prediction Predict(const StepTensors& steps);

  /// An empty context for `chains` chains; grows as needed, `capacity` [time steps] is a hint.
  ///   window [time steps] that each sees in every layer, itself included; 0 = all
  ContextState StartContext(int64_t chains, int64_t capacity, int64_t window = 0) const;

  /// One time step (N = 1) of every chain, given its context: [B, P]. Costs O(context) for
  /// attention, O(1) for recurrent mixers; no gradient. Equals the last row of forward() over all
  /// steps so far. The chains' numbers of steps may differ.
  torch::Tensor Step(const StepTensors& step, ContextState& context) {
    return PredictStep(step, context).output;
  }
  /// The same with the features, [B, D].
  Prediction PredictStep(const StepTensors& step, ContextState& context);

  /// N time steps of every chain at once, without a prediction: as N calls of Step.
  void Absorb(const StepTensors& steps, ContextState& context);

  /// Parameters (by name) that their sources train without weight decay.
  std::vector<std::string> WithoutDecay() const;

  const ModelOptions& options() const { return options_; }
  const ValueHeads& values() const { return values_; }  // null without value heads

 private:
  TokenNoise NoiseOf(const StepTensors& steps, int64_t cut) const;
  torch::Tensor Segments(const StepTensors& steps) const;
  void ReadSteps(const torch::Tensor& y, int64_t first, Prediction& into);
  torch::Tensor Continue(torch::Tensor tokens, ContextState& context);

  ModelOptions options_;
  TokenEmbedding tokens_{nullptr};
  LayerStack layers_{nullptr};
  Norm final_norm_{nullptr};
  torch::nn::Linear head_{nullptr};
  ValueHeads values_{nullptr};
};
TORCH_MODULE(PolicyNetwork);

}  // namespace longplay
