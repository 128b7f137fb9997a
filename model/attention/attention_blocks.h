// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <limits>

#include "model/attention/visibility.h"
#include "model/attention_options.h"

namespace longplay {

/// A hidden key's score is -kInfinity.
constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// Heads that attended, and per row the log of the sum of exp(score): what exact backward, and
/// merging with other key ranges, need.
struct Attended {
  torch::Tensor heads;        // [B, H, T, K]
  torch::Tensor log_sum_exp;  // [B, H, T] WideType; -inf for a row that saw no token
};

struct AttendGradients {
  torch::Tensor q, k, v;  // shaped as q, k, v
};

/// Softmax attention by matrix products, one query block against one key block at a time, with a
/// running (numerator, denominator, maximum). No gradient is recorded.
///   q        [B, H, T, K] float, any strides
///   k, v     [B, H, S, K] float; positions as `visibility` says: by default query i stands at S -
///   T + i
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

/// A result to which nothing has been added: zero heads in WideType, sums of -inf.
Attended NothingAttended(const torch::Tensor& q);

/// The same attention over two disjoint ranges of keys, made one in place of the first, whose heads
/// are in WideType. Exact up to rounding.
void MergeInto(Attended& whole, const Attended& part);

}  // namespace longplay
