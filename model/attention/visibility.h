// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <cstdint>

namespace longplay {

/// Attention weights that are set to zero by chance (the others grow by 1 / (1 - probability)).
struct WeightDropout {
  double probability = 0;   // 0 to 1
  torch::Tensor keys = {};  // [B, H, T] int64, of each query's weights: what is drawn is a function
                            // of this and of the seen key's position (model/tensors/keyed_noise.h)

  /// Zero or grown weights [B, H, queries, keys] of the queries from `query` on, of the call, and
  /// of the keys from `position` on.
  torch::Tensor Of(const torch::Tensor& weights, int64_t query, int64_t position) const;
  /// The same in the weights' own memory; no gradient is recorded.
  void Apply(torch::Tensor& weights, int64_t query, int64_t position) const;
};

/// Which keys a query may see beside the causal rule (key position <= query position), and where
/// the queries and keys of a call stand in the sequence.
struct Visibility {
  int64_t span = 0;  // [tokens] a query sees the last `span` tokens, itself included; 0 = all
  torch::Tensor keys = {};      // [B, ..] bool by position, true = may be seen (padding is false);
                                // undefined = all
  torch::Tensor segments = {};  // [B, ..] int64 by position: tokens of different segments don't see
                                // each other; undefined = one segment
  WeightDropout dropout = {};
  int64_t first_key = 0;       // position of key 0
  int64_t first_query = kEnd;  // position of query 0; kEnd: the last query stands at the last key
  int64_t sinks = 0;           // [tokens] positions below this are seen beside the span

  static constexpr int64_t kEnd = -1;
};

}  // namespace longplay
