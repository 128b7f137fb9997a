// SPDX-License-Identifier: MIT
#pragma once

#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>
#include <torch/types.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "model/layers/chunked_layers.h"
#include "model/layers/layer.h"
#include "model/layers/layers_over_ranks.h"
#include "model/layers/recurrent_memory.h"
#include "model/mixing/sequence_mixer.h"
#include "model/options.h"

namespace longplay {

/// What a stack remembers of B acting chains.
struct StackContext {
  std::vector<LayerContext> layers;
  MemoryContext memory = {};  // Recurrent Memory Transformer's

  /// Chain i begins anew, as if it had never acted.
  void Forget(int64_t i);
  /// Keeps the chains `rows` alone, in this order.
  void Select(const std::vector<int64_t>& rows);
  int64_t bytes() const;  // of memory in use
};

/// L layers one after another, and the schedule of what they keep for backward: layer by layer
/// where every layer can (model/layers/recomputation.h), else in chunks of tokens with a state
/// handed on (model/layers/chunked_layers.h).
class LayerStackImpl : public torch::nn::Module {
 public:
  /// The stack that PlanStack makes of the options. Throws c10::Error for options that no stack can
  /// have.
  explicit LayerStackImpl(const ModelOptions& options);

  /// x [B, T, D] → [B, T, D] from an empty context; differentiable. Computes in the type of x.
  ///   segments  [B, T] int64: tokens of different segments do not see each other; undefined = one
  ///   noise     [B, T] of the tokens, read where draws_noise(); undefined = that of a NoiseKey
  ///             whose fields are 0, row i being chain i
  ///   penalty   set to what the loss has beside that of the predictions; undefined = nothing
  ///   slice     of tokens, where ranks share the sequence: x and noise are then those of this
  ///             rank's tokens, segments those of all (RunOverRanks); null = all are here
  torch::Tensor forward(const torch::Tensor& x, const torch::Tensor& segments = {},
                        const TokenNoise& noise = {}, torch::Tensor* penalty = nullptr,
                        const SequenceSlice* slice = nullptr);

  /// Whether forward() draws anything: dropout or a choice while training, rounding to 8 bits.
  bool draws_noise() const;

  /// What the layers remember of `batch` chains: nothing yet.
  StackContext StartContext(int64_t batch, const ContextOptions& options) const;

  /// The next n tokens of every chain: x [B, n, D] → [B, n, D]; no gradient.
  torch::Tensor Step(const torch::Tensor& x, StackContext& context);

  /// Parameters (by name) that their sources train without weight decay.
  std::vector<std::string> WithoutDecay() const;

 private:
  RecomputationOptions Recomputed() const;
  ChunkedOptions Chunked() const;
  torch::Tensor RunShared(const torch::Tensor& x, const torch::Tensor& segments,
                          const TokenNoise& noise, const SequenceSlice& slice,
                          torch::Tensor* penalty);
  torch::Tensor RunChunks(const torch::Tensor& x, const torch::Tensor& segments,
                          const TokenNoise& noise, torch::Tensor* penalty);
  Range AllLayers() const { return {0, static_cast<int64_t>(layers_.size())}; }
  ChunkedStack MakeChunkedStack(const torch::Tensor& x, Range layers);
  torch::Tensor PenaltyOf(const StateTensors& last, Range layers) const;
  torch::Tensor RunSegments(const torch::Tensor& x, const Chunk& chunk, ChunkedOptions chunked);
  ChunkedStack MakeMemoryStack(const torch::Tensor& x);
  torch::Tensor RunLayers(const torch::Tensor& x, std::vector<LayerState>& states,
                          const Chunk& chunk, Range layers);
  torch::Tensor StepLayers(const torch::Tensor& x, std::vector<LayerContext>& context);
  StateTensors Flatten(const std::vector<LayerState>& states) const;
  std::vector<LayerState> Unflatten(const StateTensors& flat, Range layers) const;

  ModelOptions options_;
  Norm first_norm_{nullptr};         // RWKV: of the tokens
  RecurrentMemory memory_{nullptr};  // only around attention
  std::vector<Layer> layers_;
  bool recomputes_ = true;       // StackPlan::recomputes
  bool layer_by_layer_ = true;   // RunRecomputed runs the stack, else RunInChunks
  bool chooses_tokens_ = false;  // by chance while training (Taipan)
  std::vector<std::pair<size_t, size_t>> state_sizes_;  // tensors of mixer and channel, per layer
};
TORCH_MODULE(LayerStack);

}  // namespace longplay
