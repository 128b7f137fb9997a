// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <cstdint>

#include "model/layer.h"
#include "model/layer_pass.h"
#include "model/parameter_gradients.h"

namespace longplay {

/// The part of a layer that works token by token, in chunks of rows; no gradient is recorded.
///
///   y = x + projection(heads);  out = y + feed_forward(feed_forward_norm(y))
///
/// x, heads, out [R, D]; out may be x. `first_row` is the place of row 0 in its sequence of rows:
/// it decides the dropout masks.
void Finish(LayerImpl& layer, const torch::Tensor& x, const torch::Tensor& heads,
            const LayerPass& pass, int64_t first_row, torch::Tensor& out);

/// Backward of Finish; everything between is computed again.
///   grad        [R, D] in: gradient of out; afterwards: that of x (without the way through heads)
///   returns     [R, D] gradient of heads
torch::Tensor FinishBackward(LayerImpl& layer, const torch::Tensor& x, const torch::Tensor& heads,
                             const LayerPass& pass, int64_t first_row, torch::Tensor& grad,
                             ParameterGradients& gradients);

}  // namespace longplay
