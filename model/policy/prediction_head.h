// SPDX-License-Identifier: MIT
#pragma once

#include <torch/nn/modules/linear.h>
#include <torch/types.h>

#include <cstdint>

#include "model/rows/norm.h"

namespace longplay {

///   y [R, D] ─► norm ─► head ─► [R, P]
///
/// In chunks of `rows_at_once` rows; keeps y alone for backward and computes the rest again.
/// Differentiable (first derivatives); y may be in a narrower type, the result is in the type of
/// the parameters.
torch::Tensor RunHead(const Norm& norm, const torch::nn::Linear& head, const torch::Tensor& y,
                      int64_t rows_at_once);

}  // namespace longplay
