// SPDX-License-Identifier: MIT
#pragma once

#include <torch/nn/modules/linear.h>
#include <torch/nn/modules/normalization.h>
#include <torch/types.h>

#include <tuple>

#include "model/mixing/mixer_with_state.h"
#include "model/options.h"
#include "model/scans/slot_memory.h"

namespace longplay {

/// What MemSizer remembers: the slots.
struct MemSizerState {
  SlotMemoryState memory;
  auto fields() { return std::tie(memory.sums, memory.tokens); }
};

/// MemSizer: a memory of few slots that every token adds to and reads.
///
///   x ─┬─► query [B, n, H, slots] ─► softmax, mean over the H heads ─► q ─┐
///      ├─► key [B, n, slots] ─► LayerNorm ─► k ─┐                         ▼
///      └─► value [B, n, D] ─► LayerNorm ─► v ───┴─► slot memory (model/scans/slot_memory.h) ─► y
///
/// attention.dropout acts on the softmaxes while training.
/// Source: arXiv 2203.12644, section 3; initial values (those for language models) and dropout:
/// jcyk/memsizer 78e90ec, src/attention.py.
class MemSizerMixer : public MixerWithState<MemSizerState> {
 public:
  explicit MemSizerMixer(const ModelOptions& options);

  MemSizerState Start(int64_t batch, const torch::TensorOptions& options) const override;
  torch::Tensor Run(const torch::Tensor& x, MemSizerState& state, const Chunk& chunk,
                    HandedOn& handed) override;

 private:
  torch::Tensor Query(const torch::Tensor& x, const Chunk& chunk) const;

  int64_t width_, heads_, slots_;
  double dropout_;
  torch::nn::Linear query_{nullptr}, key_{nullptr}, value_{nullptr};
  torch::nn::LayerNorm key_norm_{nullptr}, value_norm_{nullptr};
};

}  // namespace longplay
