// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include "model/options.h"

namespace longplay {

/// Which keys a query may see beside the causal rule (key position <= query position).
struct Visibility {
  int64_t span = 0;  // [tokens] a query sees the last `span` tokens, itself included; 0 = all
  torch::Tensor keys = {};  // [B, S] bool, true = may be seen (padding is false); undefined = all
  torch::Tensor segments = {};  // [B, S] int64: tokens of different segments don't see each other;
                                // undefined = one segment

  bool OnlyCausal() const { return span == 0 && !keys.defined() && !segments.defined(); }
};

/// Heads that attended, and per row the log of the sum of exp(score): what exact backward, and
/// merging with other key ranges, need.
struct Attended {
  torch::Tensor heads;        // [B, H, T, K]
  torch::Tensor log_sum_exp;  // [B, H, T] float; -inf for a row that saw no token
};

struct AttendGradients {
  torch::Tensor q, k, v;  // shaped as q, k, v
};

/// Softmax attention by matrix products, one query block against one key block at a time, with a
/// running (numerator, denominator, maximum). No gradient is recorded.
///   q        [B, H, T, K] float, any strides
///   k, v     [B, H, S, K] float, S >= T: query i stands at position S - T + i
/// Blocks that nobody sees (above the diagonal, beyond the span) are skipped. Rows that see no
/// token are zero. Memory beside the result: O(B * H * query_block * key_block).
/// Source: arXiv 2305.19370, sections 2 and 3; arXiv 2205.14135, appendix B.
Attended AttendInBlocks(const torch::Tensor& q, const torch::Tensor& k, const torch::Tensor& v,
                        const Visibility& visibility, const AttentionOptions& options);

/// Gradients of AttendInBlocks with respect to q, k, v; scores are computed again.
AttendGradients AttendInBlocksBackward(const torch::Tensor& grad_heads, const torch::Tensor& q,
                                       const torch::Tensor& k, const torch::Tensor& v,
                                       const Attended& attended, const Visibility& visibility,
                                       const AttentionOptions& options);

/// The same attention over two disjoint ranges of keys, made one. Exact up to rounding.
Attended Merge(const Attended& a, const Attended& b);

}  // namespace longplay
