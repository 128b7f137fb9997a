// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <cstdint>

#include "model/scans/state_space_chunks.h"

namespace longplay {

/// Mamba-2's state space layer, from `state` [B, H, K, S], as matrix products over chunks:
///
///   s_t = exp(delta_t a) s_(t-1) + delta_t x_t b_t^T      y_t = s_t c_t + d x_t
///
///   within a chunk     y = (c b^T * decays) (delta x)
///                      decays_ij = exp(sum of delta_k a over j < k <= i)
///   between chunks     the state at a chunk's start, read by c and decayed
///
/// `chunk` [tokens] decides speed, not results; what is left of T is a chunk of its own.
/// Differentiable (once) in all floating inputs and in `state`, also through the last state; only
/// inputs are kept for backward. Computes and remembers in float32, for float64 inputs in float64;
/// y has the type of x. Memory beside inputs and results: a few [B, T, H, K], and
/// [B, T, chunk] twice. Throws c10::Error when shapes disagree.
/// Source: arXiv 2405.21060, section 6.
DualResult StateSpaceDual(const DualInputs& inputs, const torch::Tensor& state, int64_t chunk);

}  // namespace longplay
