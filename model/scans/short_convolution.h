// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <cstdint>

namespace longplay {

/// C channels, each with W weights of its own.
struct ConvolutionWeights {
  torch::Tensor weight;  // [C, W] or [C, 1, W], the last one for the token itself
  torch::Tensor bias;    // [C]
};

struct Convolved {
  torch::Tensor y;       // [B, T, C]
  torch::Tensor window;  // [B, W - 1, C] the last inputs, for the next chunk; those before a
                         // start are zero
};

/// y_t = silu(bias + sum_j weight[W - 1 - j] x_(t-j)), where j < W and x before the first token is
/// `window` [B, W - 1, C] (zeros at the start of a sequence).
///   x       [B, T, C], T >= 1
///   starts  [B, T] bool, true = nothing before this token is seen; undefined = no such token
/// Differentiable in everything (on CPU once). Computes in float32, for float64 in float64; y has
/// the type of x, the window the type of computation. On CPU one loop that keeps nothing but
/// inputs for backward, elsewhere ATen's operators (ConvolveAnywhere). Throws c10::Error when
/// shapes disagree.
/// Source: arXiv 2312.00752, section 3.4.
Convolved ShortConvolution(const torch::Tensor& x, const ConvolutionWeights& weights,
                           const torch::Tensor& window, const torch::Tensor& starts);

/// The y of ShortConvolution by ATen's operators, in the type of the inputs: any device, second
/// derivatives, and the specification of the loop.
torch::Tensor ConvolveAnywhere(const torch::Tensor& x, const ConvolutionWeights& weights,
                               const torch::Tensor& window, const torch::Tensor& starts);

}  // namespace longplay
