// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <cstdint>

#include "model/tensors/token_noise.h"

namespace longplay {

/// What a stack's layers share about the n tokens that they work on.
struct Chunk {
  torch::Tensor segments = {};  // [B, n] int64: tokens of different segments do not see each other;
                                // equal ones stand together; undefined = one segment
  torch::Tensor starts = {};    // [B, n] bool, true = a segment begins here: nothing before this
                                // token is seen; undefined with segments
  int64_t first = 0;            // position in the sequence of the chunk's first token
  TokenNoise noise = {};        // [B, n] of the layer; defined where something is drawn
  torch::Tensor residual = {};  // [B, n, D] the layer's input before its norm; set by the layer
};

}  // namespace longplay
