// SPDX-License-Identifier: MIT
#pragma once

#include <torch/nn/modules/linear.h>
#include <torch/nn/modules/normalization.h>
#include <torch/types.h>

#include "model/mixing/sequence_mixer.h"
#include "model/options.h"

namespace longplay {

/// MemSizer: a memory of few slots that every token adds to and reads.
///
///   x ─┬─► query [B, n, H, slots] ─► softmax, mean over the H heads ─► q ─┐
///      ├─► key [B, n, slots] ─► LayerNorm ─► k ─┐                         ▼
///      └─► value [B, n, D] ─► LayerNorm ─► v ───┴─► slot memory (model/scans/slot_memory.h) ─► y
///
/// Its state is that memory: sums [B, slots, D] in float32 or float64, tokens [B] int64.
/// attention.dropout acts on the softmaxes while training.
/// Source: arXiv 2203.12644, section 3; initial values (those for language models) and dropout:
/// jcyk/memsizer 78e90ec, src/attention.py.
class MemSizerMixer : public SequenceMixer {
 public:
  explicit MemSizerMixer(const ModelOptions& options);

  MixerState StartState(int64_t batch, const torch::TensorOptions& options) const override;
  torch::Tensor Forward(const torch::Tensor& x, MixerState& state, Stretch& stretch) override;

 private:
  torch::Tensor Query(const torch::Tensor& x, const Stretch& stretch) const;

  int64_t width_, heads_, slots_;
  double dropout_;
  torch::nn::Linear query_{nullptr}, key_{nullptr}, value_{nullptr};
  torch::nn::LayerNorm key_norm_{nullptr}, value_norm_{nullptr};
};

}  // namespace longplay
