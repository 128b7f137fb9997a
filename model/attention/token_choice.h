// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

namespace longplay {

/// A yes or no for each token.
struct TokenChoice {
  torch::Tensor chosen;    // [B, n] bool
  torch::Tensor straight;  // [B, n] 1 or 0 as in `chosen`, with the gradient of the soft choice
};

/// Chooses by the larger of two scores + Gumbel noise; gradients are those of
/// softmax((scores + noise) / temperature)[1].
///   scores       [B, n, 2] float32 or float64: of no, of yes
///   keys         [B, n] int64, of the tokens' noise (model/tensors/keyed_noise.h)
///   temperature  of the softmax that gradients pass through
/// Source: arXiv 1611.01144 (straight-through); arXiv 2410.18572, equations 2 and 3.
TokenChoice ChooseWithNoise(const torch::Tensor& scores, const torch::Tensor& keys,
                            double temperature);

/// [B, n] bool: the larger score, no noise.
torch::Tensor ChooseLarger(const torch::Tensor& scores);

}  // namespace longplay
