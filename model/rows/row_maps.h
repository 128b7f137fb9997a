// SPDX-License-Identifier: MIT
#pragma once

#include <torch/nn/modules/linear.h>
#include <torch/types.h>

#include "model/rows/norm.h"
#include "model/tensors/cast_parameters.h"
#include "model/tensors/parameter_gradients.h"

namespace longplay {

// Maps that work row by row, forward and backward by hand, for passes over blocks of rows.
// No gradient is recorded; every function expects a NoGradGuard around it. R = rows. Parameters are
// read in the type of the pass, sums of gradients stay in the type of the masters.

/// A block of rows after a norm, with what its backward needs.
struct NormalisedRows {
  torch::Tensor y;     // [R, D]
  torch::Tensor mean;  // [R, 1]; undefined for the root mean square norm
  torch::Tensor rstd;  // [R, 1] 1 / standard deviation, or 1 / root mean square
};

NormalisedRows Normalise(const Norm& norm, const torch::Tensor& x);

/// Gradient with respect to x [R, D]; adds those of the norm's parameters.
torch::Tensor NormaliseBackward(const Norm& norm, const torch::Tensor& x,
                                const NormalisedRows& rows, const torch::Tensor& grad_y,
                                ParameterGradients& gradients);

/// x W^T + b [R, out].
torch::Tensor Map(const torch::nn::Linear& linear, const torch::Tensor& x,
                  CastParameters& parameters);

/// a b, added to `sum`, which may be in a wider type.
void AddProduct(torch::Tensor& sum, const torch::Tensor& a, const torch::Tensor& b);

/// Adds the gradients of W and b; x and grad_y [R, ..] belong together.
void AddMapGradients(const torch::nn::Linear& linear, const torch::Tensor& x,
                     const torch::Tensor& grad_y, ParameterGradients& gradients);

}  // namespace longplay
