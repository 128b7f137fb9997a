// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

namespace longplay {

/// Which keys each query sees: key j for first <= j < last. Neither bound falls from one query to
/// the next, and no query sees nothing.
struct KeyRanges {
  torch::Tensor first, last;  // [Q] int64, on CPU
};

/// Softmax attention of some queries of one sequence, each to a range of keys.
///   q        [H, Q, K] float
///   k, v     [G, S, K]; query head h reads head h / (H / G)
///   returns  [H, Q, K]
/// Differentiable (once) in q, k, v. A block of neighbouring queries is multiplied with the keys
/// that any of them sees; for backward only inputs are kept. Memory beside the result: a block's
/// scores, kScoresAtOnce numbers by the keys of its first query (later ones may see more), or those
/// of one query.
/// Source: arXiv 1706.03762, section 3.2.1.
torch::Tensor AttendRanges(const torch::Tensor& q, const torch::Tensor& k, const torch::Tensor& v,
                           const KeyRanges& ranges);

/// The same with all scores in memory and torch's own gradients: the readable specification.
torch::Tensor ReferenceAttendRanges(const torch::Tensor& q, const torch::Tensor& k,
                                    const torch::Tensor& v, const KeyRanges& ranges);

}  // namespace longplay
