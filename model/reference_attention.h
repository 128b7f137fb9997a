// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

namespace longplay {

/// Causal softmax attention with all scores in memory: the readable specification.
///   q        [B, H, T, K] float
///   k, v     [B, H, S, K] float, S >= T: query i sees keys 0 .. S - T + i
///   returns  [B, H, T, K]
/// Memory is O(B * H * T * S). Source: arXiv 1706.03762, section 3.2.1.
torch::Tensor ReferenceAttend(const torch::Tensor& q, const torch::Tensor& k,
                              const torch::Tensor& v);

}  // namespace longplay
