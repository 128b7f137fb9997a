// SPDX-License-Identifier: MIT
#pragma once

#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>
#include <torch/types.h>

#include <memory>

#include "model/layers/stack_plan.h"
#include "model/mixing/sequence_mixer.h"
#include "model/options.h"
#include "model/rows/feed_forward.h"
#include "model/rows/norm.h"

namespace longplay {

/// Of one layer: of its mixer and, where there is one, of its channel mixer.
struct LayerState {
  StateTensors mixer, channel;
};
struct LayerContext {
  std::unique_ptr<MixerContext> mixer, channel;
};

///   x ┬► mixer_norm ─► mixer ─► dropout ─► + ┬► feed_forward_norm ─► feed_forward ─► dropout ─► +
///     └────────────────────────────────────┘ └──────────────────────────────────────────────────┘
///
/// The second branch is a feed-forward, RWKV's channel mixer (which looks one token back), or
/// missing.
class LayerImpl : public torch::nn::Module {
 public:
  /// What `plan` says of the layer stands above what `options` say of the stack.
  LayerImpl(const ModelOptions& options, const LayerPlan& plan);

  LayerState StartState(int64_t batch, const torch::TensorOptions& options) const;

  /// x [B, n, D] → [B, n, D]; the others as in SequenceMixer::Forward, but for chunk.residual,
  /// which is x. Differentiable.
  torch::Tensor forward(const torch::Tensor& x, LayerState& state, const Chunk& chunk,
                        HandedOn& handed);

  LayerContext StartContext(int64_t batch, const ContextOptions& options) const;
  /// The next n tokens of every chain, no gradient.
  torch::Tensor Step(const torch::Tensor& x, LayerContext& context, const Chunk& chunk,
                     HandedOn& handed);

  /// Whether RunRecomputed can run the layer: its mixer layer by layer, and as second branch a
  /// feed-forward whose activation works number by number.
  bool can_recompute() const { return has_rowwise_activation_ && mixer->layerwise() != nullptr; }

  Norm mixer_norm{nullptr}, feed_forward_norm{nullptr};  // the second may be missing
  std::shared_ptr<SequenceMixer> mixer;
  FeedForward feed_forward{nullptr};             // or
  std::shared_ptr<SequenceMixer> channel_mixer;  // or neither

 private:
  torch::Tensor Dropped(const torch::Tensor& branch, const Chunk& chunk, NoiseUse use) const;

  double dropout_;
  bool has_rowwise_activation_ = false;
};
TORCH_MODULE(Layer);

}  // namespace longplay
