// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include "model/attention/visibility.h"
#include "model/attention_options.h"

namespace longplay {

/// Causal softmax attention computed block by block; equal to attention with all scores in memory
/// up to rounding. Differentiable once; backward computes the scores again.
///   q           [B, H, T, K] float, any strides; scores are q k / sqrt(K)
///   k, v        [B, G, S, K] of q's type and device, S >= T: query i stands at position S - T + i;
///               H / G query heads share a key-value head (grouped queries; G = 1: multi-query)
///   visibility  what a query may not see beside later tokens
///   options     query_block and key_block; the rest does not matter here
///   returns     [B, H, T, K]; rows that see no token are zero
/// Memory beside inputs and result: O(B * H * query_block * key_block), not O(T * S).
/// Throws c10::Error when shapes disagree.
/// Source: arXiv 2305.19370, sections 2 and 3; arXiv 2305.13245 (grouped queries).
torch::Tensor BlockwiseAttend(const torch::Tensor& q, const torch::Tensor& k,
                              const torch::Tensor& v, const Visibility& visibility = {},
                              const AttentionOptions& options = {});

}  // namespace longplay
