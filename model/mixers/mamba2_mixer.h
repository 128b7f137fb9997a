// SPDX-License-Identifier: MIT
#pragma once

#include <torch/nn/modules/conv.h>
#include <torch/nn/modules/linear.h>
#include <torch/types.h>

#include <string>
#include <tuple>
#include <vector>

#include "model/mixing/mixer_with_state.h"
#include "model/options.h"

namespace longplay {

/// What Mamba-2 remembers, float32 or float64.
struct Mamba2State {
  torch::Tensor window;  // [B, W - 1, E + 2 G S] the convolution's last inputs
  torch::Tensor heads;   // [B, H, K, S]
  auto fields() { return std::tie(window, heads); }
};

/// Mamba-2: H heads of K channels (E together), S numbers a channel, one decay a head, G groups.
///
///   x [B, n, D] ─► in_proj ┬► z [E] ───────────────────────────────────────► silu ─┐
///                          ├► x, b, c [E + 2 G S] ─► conv1d, silu ─► state space ──┴► * ─► norm ┐
///                          └► time steps [H] ─► + dt_bias, softplus ─┘                          │
///   y ◄─ out_proj ◄────────────────────────────────────────────────────────────────────────────┘
///
/// Parameters have the names, shapes and first values of the official code.
/// Source: arXiv 2405.21060; state-spaces/mamba, mamba_ssm/modules/mamba2.py.
class Mamba2Mixer : public MixerWithState<Mamba2State> {
 public:
  /// Reads options.mamba2, the width, and the number of layers for the first values.
  explicit Mamba2Mixer(const ModelOptions& options);

  Mamba2State Start(int64_t batch, const torch::TensorOptions& options) const override;
  torch::Tensor Run(const torch::Tensor& x, Mamba2State& state, const Chunk& chunk,
                    HandedOn& handed) override;
  std::vector<std::string> WithoutDecay() const override { return {"A_log", "D", "dt_bias"}; }

  torch::nn::Linear in_proj{nullptr};  // [2 E + 2 G S + H, D], rows z, x, b, c, time steps; no bias
  torch::nn::Conv1d conv1d{nullptr};   // weight [E + 2 G S, 1, W], bias; see ShortConvolution
  torch::nn::Linear out_proj{nullptr};  // [D, E], no bias
  torch::Tensor dt_bias;                // [H]
  torch::Tensor A_log;                  // [H] the layer's a = -exp(A_log)
  torch::Tensor D;                      // [H]
  torch::Tensor norm_weight;            // [E], registered as norm.weight

 private:
  Mamba2Options options_;
  int64_t channels_, heads_;  // E, H
};

}  // namespace longplay
