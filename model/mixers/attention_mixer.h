// SPDX-License-Identifier: MIT
#pragma once

#include <torch/nn/modules/linear.h>
#include <torch/types.h>

#include <memory>
#include <tuple>

#include "model/attention/attention_blocks.h"
#include "model/attention/ring_attention.h"
#include "model/mixers/key_value_cache.h"
#include "model/mixing/layerwise_mixer.h"
#include "model/mixing/mixer_with_state.h"
#include "model/options.h"
#include "model/tensors/parameter_gradients.h"
#include "model/tensors/range.h"

namespace longplay {

/// How heads attend: block by block, or as the specification does, with all scores in memory.
enum class AttentionPath { kBlockwise, kReference };

/// What attention remembers: of the S tokens that later ones may see.
struct AttentionState {
  torch::Tensor keys, values;  // [B, S, G, K]
  torch::Tensor segments;      // [B, S] int64; [B, 0] where chunks have none
  auto fields() { return std::tie(keys, values, segments); }
};

/// Multi-head causal softmax attention.
///
///   x [B, T, D] ─► query_key_value [B, T, (H + 2 G) K] ─► H heads, G of keys and values ─► attend
///   attended heads [B, T, D] ─► projection ─► y [B, T, D]
///
/// Parameters are the same for both paths.
class AttentionMixer : public MixerWithState<AttentionState>, public LayerwiseMixer {
 public:
  /// Throws c10::Error when the heads do not divide the width, or the key-value heads the heads.
  AttentionMixer(AttentionPath path, const AttentionOptions& options);

  AttentionState Start(int64_t batch, const torch::TensorOptions& options) const override;
  torch::Tensor Run(const torch::Tensor& x, AttentionState& state, const Chunk& chunk,
                    HandedOn& handed) override;
  bool state_grows() const override { return options_.span == 0 || options_.sinks > 0; }
  std::unique_ptr<MixerContext> StartContext(int64_t batch, const ContextOptions& options) override;
  /// The next n tokens of every chain of `cache`: x [B, n, D] → [B, n, D], no gradient.
  torch::Tensor StepWith(const torch::Tensor& x, KeyValueCache& cache);

  /// Blockwise attention can be run layer by layer; its twin leaves backward to autograd.
  LayerwiseMixer* layerwise() override {
    return path_ == AttentionPath::kBlockwise ? this : nullptr;
  }
  Mixed Mix(const MixerInput& input, Range tokens) override;
  void MixBackward(const MixerInput& input, Range tokens, const Mixed& mixed,
                   const torch::Tensor& grad_heads, torch::Tensor& grad_x,
                   ParameterGradients& gradients) override;
  Mixed MixOverRanks(const MixerInput& input, const SequenceSlice& slice) override;
  void MixOverRanksBackward(const MixerInput& input, const SequenceSlice& slice, const Mixed& mixed,
                            const torch::Tensor& grad_heads, torch::Tensor& grad_x,
                            ParameterGradients& gradients) override;
  const torch::nn::Linear& projection() const override { return projection_; }

 private:
  // Rows of query_key_value: of q, of k and v, of all.
  Range QueryRows() const { return {0, options_.width}; }
  Range KeyValueRows() const { return {options_.width, query_key_value_->options.out_features()}; }
  Range AllRows() const { return {0, query_key_value_->options.out_features()}; }

  torch::Tensor Project(const MixerInput& input, Range tokens, Range rows) const;
  void AddInputGradients(const MixerInput& input, Range tokens, Range rows,
                         const torch::Tensor& grad, torch::Tensor& grad_x,
                         ParameterGradients& gradients) const;
  Visibility VisibilityOf(const MixerInput& input) const;
  Visibility VisibilityOf(const MixerInput& input, Range queries) const;
  Mixed MixChunk(const MixerInput& input, Range tokens) const;
  void ChunkBackward(const MixerInput& input, Range tokens, const Attended& attended,
                     const torch::Tensor& grad_heads, torch::Tensor& grad_x,
                     ParameterGradients& gradients) const;
  RingAttention RingOf(const MixerInput& input, const SequenceSlice& slice,
                       const torch::Tensor& projected) const;
  template <typename Body>
  void ForEachKeyChunk(const MixerInput& input, Range queries, const Body& body) const;

  AttentionPath path_;
  AttentionOptions options_;
  int64_t shared_heads_ = 0;  // G: heads of keys and values
  torch::nn::Linear query_key_value_{nullptr};
  torch::nn::Linear projection_{nullptr};
};

}  // namespace longplay
