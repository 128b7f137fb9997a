// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include "model/attention/visibility.h"

namespace longplay {

/// Causal softmax attention with all scores in memory: the readable specification.
///   q        [B, H, T, K] float
///   k, v     [B, G, S, K] float, S >= T: query i stands at position S - T + i; query head h reads
///            key-value head h / (H / G)
///   returns  [B, H, T, K]; rows that see no token are zero
/// Memory is O(B * H * T * S).
/// Source: arXiv 1706.03762, section 3.2.1.
torch::Tensor ReferenceAttend(const torch::Tensor& q, const torch::Tensor& k,
                              const torch::Tensor& v, const Visibility& visibility = {});

}  // namespace longplay
