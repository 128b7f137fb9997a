// SPDX-License-Identifier: MIT
#pragma once

#include <torch/nn/modules/linear.h>
#include <torch/types.h>

#include <memory>

#include "model/attention_blocks.h"
#include "model/options.h"
#include "model/sequence_mixer.h"

namespace longplay {

/// Multi-head causal softmax attention.
///
///   x [B, T, D] ─► query_key_value [B, T, (H + 2 G) K] ─► H heads, G of keys and values ─► attend
///   ─► projection ─► y [B, T, D]
///
/// The kind chooses how heads attend: block by block (kAttention) or as the specification does
/// (kReferenceAttention). Parameters are the same for both.
class AttentionMixer : public SequenceMixer {
 public:
  /// Throws c10::Error when the heads do not divide the width, or the key-value heads the heads.
  AttentionMixer(MixerKind kind, const AttentionOptions& options);

  std::unique_ptr<MixerState> MakeState(int64_t batch, int64_t capacity) const override;
  torch::Tensor Forward(const torch::Tensor& x, MixerState* state,
                        const torch::Tensor& segments) override;
  torch::Tensor Step(const torch::Tensor& x, MixerState& state) override;
  Mixed Mix(const MixerInput& input, Range tokens) override;
  void MixBackward(const MixerInput& input, Range tokens, const Mixed& mixed,
                   const torch::Tensor& grad_heads, torch::Tensor& grad_x,
                   ParameterGradients& gradients) override;

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
  Mixed MixStretch(const MixerInput& input, Range tokens) const;
  void StretchBackward(const MixerInput& input, Range tokens, const Attended& attended,
                       const torch::Tensor& grad_heads, torch::Tensor& grad_x,
                       ParameterGradients& gradients) const;
  template <typename Body>
  void ForEachKeyStretch(const MixerInput& input, Range queries, const Body& body) const;

  MixerKind kind_;
  AttentionOptions options_;
  int64_t shared_heads_ = 0;  // G: heads of keys and values
  torch::nn::Linear query_key_value_{nullptr};
};

}  // namespace longplay
