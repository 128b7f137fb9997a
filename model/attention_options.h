// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

namespace longplay {

/// Of a layer's attention. BlockwiseAttend itself looks at query_block and key_block alone.
struct AttentionOptions {
  int64_t width = 128;          // D; must be divisible by heads
  int64_t heads = 4;            // H; head width is K = D / H
  int64_t key_value_heads = 0;  // fewer than heads: groups of heads share keys and values, 1 =
                                // multi-query; 0 = as many as heads
  int64_t span = 0;             // [tokens] a token sees the last `span` ones; 0 = all
  int64_t sinks = 0;            // [tokens] the first ones, always seen beside the span
  double dropout = 0;           // of attention weights, 0 to 1; runs without the fused kernels
  int64_t query_block = 512;    // [tokens] score memory grows with query_block * key_block; the
                                // feed-forward and the projections run over as many rows at once
  int64_t key_block = 512;      // [tokens]
};

}  // namespace longplay
