// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <cstdint>

namespace longplay {

/// Where the noise of a choice comes from: a token's noise depends on nothing but this seed, its
/// sequence's number in the batch and its position.
struct ChoiceNoise {
  double temperature = 1;  // of the softmax that gradients pass through
  uint64_t seed = 0;
  int64_t first = 0;  // position of token 0
};

/// A yes or no for each token.
struct TokenChoice {
  torch::Tensor chosen;    // [B, n] bool
  torch::Tensor straight;  // [B, n] 1 or 0 as in `chosen`, with the gradient of the soft choice
};

/// Chooses by the larger of two scores + Gumbel noise; gradients are those of
/// softmax((scores + noise) / temperature)[1].
///   scores  [B, n, 2] float32 or float64: of no, of yes
/// Source: arXiv 1611.01144 (straight-through); arXiv 2410.18572, equations 2 and 3.
TokenChoice ChooseWithNoise(const torch::Tensor& scores, const ChoiceNoise& noise);

/// [B, n] bool: the larger score, no noise.
torch::Tensor ChooseLarger(const torch::Tensor& scores);

/// [B, n, 2] float64 on CPU, Gumbel(0, 1).
torch::Tensor GumbelNoise(int64_t batch, int64_t n, const ChoiceNoise& noise);

}  // namespace longplay
