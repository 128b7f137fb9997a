// SPDX-License-Identifier: MIT
#pragma once

#include <torch/nn/modules/linear.h>
#include <torch/nn/modules/normalization.h>
#include <torch/types.h>

#include <string>
#include <tuple>
#include <vector>

#include "model/mixing/mixer_with_state.h"
#include "model/options.h"

namespace longplay {

/// offset + activation(x first) second, for x [B, n, D].
struct LowRankMap {
  torch::Tensor first;   // [D, rank]
  torch::Tensor second;  // [rank, D]
  torch::Tensor offset;  // [1, 1, D]; undefined = none
};

/// What RWKV-7's time mix remembers.
struct Rwkv7State {
  torch::Tensor last;   // [B, D] token
  torch::Tensor heads;  // S [B, H, K, K] float32 or float64
  auto fields() { return std::tie(last, heads); }
};

/// What a layer does with HandedOn::first_value: the stack's first one of this kind sets it, those
/// above read it.
enum class FirstValue { kSet, kRead };

/// RWKV-7's time mix.
///
///   x ─┬─► x, token before ─► mixed six ways ─┬─► receptance ─► r ────────────────────────────┐
///      │                                      ├─► decay w (low rank) ───────────────────────┐ │
///   [B, n, D]                                 ├─► key ─► κ, and k at the rate a (low rank) ─┼─┤
///                                             ├─► value ─► v, drawn to the first layer's ───┤ │
///                                             └─► gate g (low rank)                         ▼ ▼
///   y ◄─ output ◄─ × g ◄─ + bonus (r · r_k · k) v ◄─ norm per head ◄──── wkv (model/wkv/wkv7.h)
///
/// Parameters have the names and shapes of the source.
/// Source: arXiv 2503.14456, section 4; initial values and weight decay (of the four square maps
/// alone): BlinkDL/RWKV-LM 118e451, RWKV-v7/train_temp/src/model.py.
class Rwkv7Mixer : public MixerWithState<Rwkv7State> {
 public:
  /// Throws c10::Error when the head width does not divide the width, or is no multiple of 8.
  Rwkv7Mixer(const ModelOptions& options, int64_t layer, FirstValue first_value);

  Rwkv7State Start(int64_t batch, const torch::TensorOptions& options) const override;
  torch::Tensor Run(const torch::Tensor& x, Rwkv7State& state, const Chunk& chunk,
                    HandedOn& handed) override;
  std::vector<std::string> WithoutDecay() const override;

 private:
  void AddMixes(const ModelOptions& options, int64_t layer);
  void AddLowRankMaps(const RwkvOptions& options);
  void AddHeads(const ModelOptions& options, int64_t layer);
  torch::Tensor Value(const torch::Tensor& x, HandedOn& handed) const;
  torch::Tensor NormaliseHeads(const torch::Tensor& y) const;

  int64_t width_, head_width_;  // D, K
  FirstValue first_value_;
  torch::Tensor x_r_, x_w_, x_k_, x_v_, x_a_, x_g_;  // [1, 1, D]: 1 = the token before
  LowRankMap decay_, rate_, value_residual_, gate_;
  torch::Tensor k_k_, k_a_;  // [1, 1, D]
  torch::Tensor r_k_;        // [H, K]
  torch::nn::Linear receptance_{nullptr}, key_{nullptr}, value_{nullptr}, output_{nullptr};
  torch::nn::GroupNorm ln_x_{nullptr};
};

}  // namespace longplay
