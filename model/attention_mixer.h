// SPDX-License-Identifier: MIT
#pragma once

#include <torch/nn/modules/linear.h>
#include <torch/types.h>

#include <memory>

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

 private:
  MixerKind kind_;
  AttentionOptions options_;
  torch::nn::Linear query_key_value_{nullptr}, projection_{nullptr};
};

}  // namespace longplay
