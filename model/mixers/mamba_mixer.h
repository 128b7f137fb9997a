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

/// What Mamba remembers, float32 or float64.
struct MambaState {
  torch::Tensor window;   // [B, W - 1, E] the convolution's last inputs
  torch::Tensor scanned;  // [B, E, S]
  auto fields() { return std::tie(window, scanned); }
};

/// Mamba: a selective state space of S numbers for each of E channels.
///
///   x [B, n, D] ─► in_proj ─┬─► conv1d, silu ─┬───────────────────────────► selective scan ─► * ─┐
///                           │                 └─► x_proj ─┬─► dt_proj, softplus ─┘ ▲          ▲  │
///                           │                             └─► b, c ────────────────┘          │  │
///                           └─► silu ─────────────────────────────────────────────────────────┘  │
///   y ◄─ out_proj ◄──────────────────────────────────────────────────────────────────────────────┘
///
/// Parameters have the names, shapes and first values of the official code.
/// Source: arXiv 2312.00752; state-spaces/mamba, mamba_ssm/modules/mamba_simple.py.
class MambaMixer : public MixerWithState<MambaState> {
 public:
  /// Reads options.mamba, the width, and the number of layers for the first values.
  explicit MambaMixer(const ModelOptions& options);

  MambaState Start(int64_t batch, const torch::TensorOptions& options) const override;
  torch::Tensor Run(const torch::Tensor& x, MambaState& state, const Chunk& chunk,
                    HandedOn& handed) override;

  /// As in the source, and the time step's bias, which the source spares in Mamba-2.
  std::vector<std::string> WithoutDecay() const override { return {"A_log", "D", "dt_proj.bias"}; }

  torch::nn::Linear in_proj{nullptr};   // [2 E, D], no bias
  torch::nn::Conv1d conv1d{nullptr};    // weight [E, 1, W], bias [E]; computed by ShortConvolution
  torch::nn::Linear x_proj{nullptr};    // [R + 2 S, E], no bias; R = rank of the time step
  torch::nn::Linear dt_proj{nullptr};   // [E, R], bias [E]
  torch::nn::Linear out_proj{nullptr};  // [D, E], no bias
  torch::Tensor A_log;                  // [E, S] the scan's a = -exp(A_log)
  torch::Tensor D;                      // [E]

 private:
  int64_t channels_, size_, rank_;  // E, S, R
};

}  // namespace longplay
