// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <cstdint>

#include "model/attention/weight_dropout.h"

namespace longplay {

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
