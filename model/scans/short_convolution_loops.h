// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

namespace longplay {

/// Inputs of ShortConvolution on CPU, of one type, float32 or float64.
struct ConvolutionInputs {
  torch::Tensor x;       // [B, T, C], the last dimension contiguous
  torch::Tensor weight;  // [C, W] contiguous
  torch::Tensor bias;    // [C]
  torch::Tensor window;  // [B, W - 1, C] contiguous
  torch::Tensor starts;  // [B, T] bool or undefined
};

struct ConvolutionGradients {
  torch::Tensor x, weight, bias, window;
};

/// y [B, T, C]; no gradient is recorded.
torch::Tensor ConvolveInLoops(const ConvolutionInputs& inputs);

/// grad_y [B, T, C] contiguous. The same numbers for any number of threads.
ConvolutionGradients ConvolveInLoopsBackward(const ConvolutionInputs& inputs,
                                             const torch::Tensor& grad_y);

}  // namespace longplay
