// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <cstdint>

namespace longplay {

// RWKV-4's weighted average over the past, channel by channel, with weights that decay:
//
//   y_t = (sum_{s<t} e^(w (t-1-s) + k_s) v_s + e^(u + k_t) v_t) / (the same with v = 1)
//
// Source: arXiv 2305.13048, section 3.1.2 and appendix D (w is negative there as here).

/// Numerator a e^p and denominator b e^p of the tokens so far. p only keeps a and b in range: no
/// gradient passes through it.
struct Wkv4State {
  torch::Tensor a, b, p;  // [B, D] float32 or float64
};

/// Nothing so far. `options`: float32 or float64.
Wkv4State StartWkv4(int64_t batch, int64_t width, const torch::TensorOptions& options);

/// Tensors of one type, float32 or float64.
struct Wkv4Input {
  torch::Tensor w;            // [D] log of the decay per token, negative
  torch::Tensor u;            // [D] log weight of the newest token
  torch::Tensor k, v;         // [B, T, D]
  torch::Tensor starts = {};  // [B, T] bool, true = nothing before this token is seen; or undefined
};

struct Wkv4Output {
  torch::Tensor y;  // [B, T, D]
  Wkv4State last;   // behind the last token
};

/// Differentiable in w, u, k, v and the state's a and b; first derivatives only. On CPU a kernel
/// with an analytic backward that keeps one state for 64 tokens, elsewhere Wkv4OnAnyDevice. Throws
/// c10::Error when shapes or types disagree.
Wkv4Output Wkv4(const Wkv4Input& input, const Wkv4State& state);

/// The same by ATen operators and autograd: inside chunks of 64 tokens states are added pairwise,
/// at distances 1, 2, 4 .., and handed on from chunk to chunk.
Wkv4Output Wkv4OnAnyDevice(const Wkv4Input& input, const Wkv4State& state);

}  // namespace longplay
