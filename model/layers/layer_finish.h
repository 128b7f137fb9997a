// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <cstdint>

#include "model/layers/layer.h"
#include "model/rows/layer_pass.h"
#include "model/tensors/parameter_gradients.h"

namespace longplay {

/// R rows on their way through the part of a layer that works token by token.
struct FinishRows {
  torch::Tensor x, heads;     // [R, D] the layer's input, and what its mixer made of it
  TokenNoise noise = {};      // [B, n] of the layer, one for each row; read with dropout
  torch::Tensor hidden = {};  // [R, hidden units] before the activation: Finish writes it,
                              // FinishBackward reads it; undefined = computed again
};

/// The part of a layer that works token by token, in blocks of rows; no gradient is recorded.
///
///   y = x + projection(heads);  out = y + feed_forward(feed_forward_norm(y))
///
///   out  [R, D]; may be the memory of x
void Finish(LayerImpl& layer, const FinishRows& rows, const LayerPass& pass, torch::Tensor& out);

/// Backward of Finish; what is between, but for rows.hidden, is computed again.
///   grad        [R, D] in: gradient of out; afterwards: that of x (without the way through heads)
///   returns     [R, D] gradient of heads
torch::Tensor FinishBackward(LayerImpl& layer, const FinishRows& rows, const LayerPass& pass,
                             torch::Tensor& grad, ParameterGradients& gradients);

}  // namespace longplay
