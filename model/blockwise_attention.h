// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include "model/options.h"

namespace longplay {

/// Causal softmax attention computed block by block; equal to ReferenceAttend up to rounding.
///   q        [B, H, T, K] float
///   k, v     [B, H, S, K] float, S >= T: query i sees keys 0 .. S - T + i
///   returns  [B, H, T, K]
/// Source: arXiv 2305.19370, sections 2 and 3.
torch::Tensor BlockwiseAttend(const torch::Tensor& q, const torch::Tensor& k,
                              const torch::Tensor& v, const AttentionOptions& options);

}  // namespace longplay
