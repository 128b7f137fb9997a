// SPDX-License-Identifier: MIT
#pragma once

#include <torch/nn/modules/linear.h>
#include <torch/types.h>

#include <string>
#include <tuple>
#include <vector>

#include "model/mixing/mixer_with_state.h"
#include "model/options.h"
#include "model/wkv/wkv4.h"

namespace longplay {

/// What RWKV-4's time mix remembers.
struct Rwkv4State {
  torch::Tensor last;  // [B, D] token
  Wkv4State sums;      // [B, D] float32 or float64
  auto fields() { return std::tie(last, sums.a, sums.b, sums.p); }
};

/// RWKV-4's time mix.
///
///   x ─┬─► x, token before ─► mixed three ways ─┬─► receptance ─► sigmoid ──────────┐
///      │                                        ├─► key ─► wkv (model/wkv/wkv4.h) ─► × ─┴─► output
///   [B, n, D]                                   └─► value ─┘
///
/// Parameters have the names and shapes of Hugging Face's RwkvSelfAttention.
/// Source: arXiv 2305.13048, section 3.1; initial values and weight decay (none at all):
/// BlinkDL/RWKV-LM 038f06b, RWKV-v4neo/src/model.py.
class Rwkv4Mixer : public MixerWithState<Rwkv4State> {
 public:
  Rwkv4Mixer(const ModelOptions& options, int64_t layer);

  Rwkv4State Start(int64_t batch, const torch::TensorOptions& options) const override;
  torch::Tensor Run(const torch::Tensor& x, Rwkv4State& state, const Chunk& chunk,
                    HandedOn& handed) override;
  std::vector<std::string> WithoutDecay() const override;

 private:
  torch::Tensor time_decay_, time_first_;                              // [D]
  torch::Tensor time_mix_key_, time_mix_value_, time_mix_receptance_;  // [1, 1, D]
  torch::nn::Linear key_{nullptr}, value_{nullptr}, receptance_{nullptr}, output_{nullptr};
};

}  // namespace longplay
