// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <cstdint>

#include "model/layer.h"
#include "model/parameter_gradients.h"

namespace longplay {

/// Repeats the same dropout masks in forward and backward: every chunk of rows has its own seed.
struct ChunkDropout {
  double probability = 0;
  uint64_t seed = 0;  // of this layer in this pass
};

/// The part of a layer that works token by token, in chunks of rows; no gradient is recorded.
///
///   y = x + projection(heads);  out = y + feed_forward(feed_forward_norm(y))
///
/// x, heads [R, D] → [R, D].
torch::Tensor Finish(LayerImpl& layer, const torch::Tensor& x, const torch::Tensor& heads,
                     int64_t rows_at_once, const ChunkDropout& dropout);

/// Backward of Finish; everything between is computed again.
///   grad        [R, D] in: gradient of out; afterwards: that of x (without the way through heads)
///   returns     [R, D] gradient of heads
torch::Tensor FinishBackward(LayerImpl& layer, const torch::Tensor& x, const torch::Tensor& heads,
                             int64_t rows_at_once, const ChunkDropout& dropout, torch::Tensor& grad,
                             ParameterGradients& gradients);

}  // namespace longplay
