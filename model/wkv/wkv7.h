// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

namespace longplay {

// RWKV-7's generalised delta rule, head by head, with a matrix state S [K values, K keys]:
//
//   S_t = S_{t-1} diag(w_t) + (S_{t-1} a_t) b_t^T + v_t k_t^T;   y_t = S_t r_t
//
// With a = -kappa and b = kappa * rate (kappa of length 1) the second term replaces what the state
// holds for a key. Source: arXiv 2503.14456, section 4.

/// Tensors of one type, float32 or float64.
struct Wkv7Input {
  torch::Tensor r, w, k, v, a, b;  // [B, T, H, K]; w: decay per token, 0 < w < 1
  torch::Tensor starts = {};  // [B, T] bool, true = nothing before this token is seen; or undefined
};

struct Wkv7Output {
  torch::Tensor y;     // [B, T, H, K]
  torch::Tensor last;  // [B, H, K, K] state behind the last token
};

/// `state` [B, H, K, K]: before the first token. Differentiable in the inputs and the state; first
/// derivatives only. On CPU a kernel that keeps one state for 32 tokens and computes the others
/// again in backward, elsewhere Wkv7OnAnyDevice. K is a multiple of 8. Throws c10::Error when
/// shapes or types disagree.
Wkv7Output Wkv7(const Wkv7Input& input, const torch::Tensor& state);

/// The same by ATen operators and autograd: chunks of 16 tokens as matrix products and one
/// triangular system, the state handed on from chunk to chunk. Expects w > 0.01: products over a
/// chunk are divided by each other.
/// Source: arXiv 2503.14456, appendix on the chunked form; arXiv 2406.06484, section 3.
Wkv7Output Wkv7OnAnyDevice(const Wkv7Input& input, const torch::Tensor& state);

}  // namespace longplay
