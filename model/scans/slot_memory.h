// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

namespace longplay {

// MemSizer's memory of few slots, exactly linear in the number of tokens:
//
//   S_t = S_{t-1} + k_t v_t^T;   y_t = S_t^T q_t / sqrt(t)
//
// where t counts the tokens since the memory began. Source: arXiv 2203.12644, section 3.

struct SlotMemoryState {
  torch::Tensor sums;    // S [B, slots, D] float32 or float64
  torch::Tensor tokens;  // [B] int64, how many are in the sums
};

struct SlotMemoryInput {
  torch::Tensor q, k;         // [B, T, slots], of the type of the sums
  torch::Tensor v;            // [B, T, D]
  torch::Tensor starts = {};  // [B, T] bool, true = nothing before this token is seen; or undefined
};

struct SlotMemoryOutput {
  torch::Tensor y;  // [B, T, D]
  SlotMemoryState last;
};

/// In chunks of 128 tokens: inside as attention without softmax, between them by the sums. By ATen
/// operators, on any device; differentiable in q, k, v and the sums. Cost O(T).
SlotMemoryOutput SlotMemory(const SlotMemoryInput& input, const SlotMemoryState& state);

}  // namespace longplay
