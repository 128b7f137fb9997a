// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <cstdint>

namespace longplay {

/// What one pass reads. H heads of K channels, G groups of heads that share b and c, S numbers per
/// channel; group g serves the heads g * H / G and on.
struct DualInputs {
  torch::Tensor x;            // [B, T, H, K]
  torch::Tensor delta;        // [B, T, H] time steps, not negative
  torch::Tensor a;            // [H] rates of decay, negative
  torch::Tensor b, c;         // [B, T, G, S] how a token is written and read
  torch::Tensor d;            // [H] what passes by the memory
  torch::Tensor starts = {};  // [B, T] bool, true = nothing before this token is remembered;
                              // undefined = no such token
};

struct DualResult {
  torch::Tensor y;      // [B, T, H, K]
  torch::Tensor state;  // [B, H, K, S] behind the last token
};

struct DualGradients {
  torch::Tensor x, delta, a, b, c, d, state;  // shaped as the inputs
};

// StateSpaceDual and its gradients without autograd, for T a multiple of `chunk`; inputs are
// of one type, float32 or float64, their last dimensions contiguous.

DualResult DualForward(const DualInputs& in, const torch::Tensor& state, int64_t chunk);

/// `grads`: of y and of the last state, contiguous. Everything but the inputs is computed again.
DualGradients DualBackward(const DualInputs& in, const torch::Tensor& state, int64_t chunk,
                           const DualResult& grads);

}  // namespace longplay
