// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include "model/attention/attention_blocks.h"
#include "model/attention/visibility.h"
#include "model/options.h"

namespace longplay {

/// Causal softmax attention computed block by block; equal to ReferenceAttend up to rounding.
/// Differentiable; backward computes the scores again.
///   q        [B, H, T, K] float
///   k, v     [B, G, S, K] float, S >= T: query i stands at position S - T + i; H / G query heads
///            share a key-value head (grouped queries; G = 1: multi-query)
///   returns  [B, H, T, K]; rows that see no token are zero
/// Throws c10::Error when shapes disagree.
/// Source: arXiv 2305.19370, sections 2 and 3; arXiv 2305.13245 (grouped queries).
torch::Tensor BlockwiseAttend(const torch::Tensor& q, const torch::Tensor& k,
                              const torch::Tensor& v, const Visibility& visibility,
                              const AttentionOptions& options);

/// The same for schedules that own what is kept: no gradient is recorded. Takes a fused kernel
/// where there is one (model/attention/fused_attention.h), else matrix products in blocks.
Attended Attend(const torch::Tensor& q, const torch::Tensor& k, const torch::Tensor& v,
                const Visibility& visibility, const AttentionOptions& options);
AttendGradients AttendBackward(const torch::Tensor& grad_heads, const torch::Tensor& q,
                               const torch::Tensor& k, const torch::Tensor& v,
                               const Attended& attended, const Visibility& visibility,
                               const AttentionOptions& options);

}  // namespace longplay
