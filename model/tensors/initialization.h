// SPDX-License-Identifier: MIT
#pragma once

#include <torch/nn/modules/linear.h>
#include <torch/types.h>

namespace longplay {

/// Standard deviation of fresh weights. Source: GPT-2 (openai/gpt-2, src/model.py).
inline constexpr double kWeightScale = 0.02;

/// Weights from a normal distribution (torch's global generator), biases zero.
void DrawWeights(torch::nn::Linear& linear, double standard_deviation = kWeightScale);

}  // namespace longplay
