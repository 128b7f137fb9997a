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
///   x [B, T, D] ─► query_key_value [B, T, 3 D] ─► H heads ─► attend ─► projection ─► y [B, T, D]
///
/// The kind chooses how heads attend: block by block (kAttention) or as the specification does
/// (kReferenceAttention). Parameters are the same for both.
class AttentionMixer : public SequenceMixer {
 public:
  /// Throws c10::Error when the heads do not divide the width.
  AttentionMixer(MixerKind kind, const AttentionOptions& options);

  std::unique_ptr<MixerState> MakeState(int64_t batch, int64_t capacity) const override;
  torch::Tensor Forward(const torch::Tensor& x, MixerState* state) override;
  torch::Tensor Step(const torch::Tensor& x, MixerState& state) override;
  Mixed Mix(const MixerInput& input) override;
  void MixBackward(const MixerInput& input, const Mixed& mixed, const torch::Tensor& grad_heads,
                   torch::Tensor& grad_x, ParameterGradients& gradients) override;

 private:
  struct HeadGroup;  // some of the heads, with their rows of query_key_value

  HeadGroup Group(int64_t first) const;
  torch::Tensor ProjectQueryKeyValue(const MixerInput& input, const HeadGroup& group) const;
  void AddInputGradients(const MixerInput& input, const HeadGroup& group,
                         const AttendGradients& grads, torch::Tensor& grad_x,
                         ParameterGradients& gradients) const;

  MixerKind kind_;
  AttentionOptions options_;
  torch::nn::Linear query_key_value_{nullptr};
};

}  // namespace longplay
