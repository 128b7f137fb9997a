// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <cstdint>

#include "model/scans/state_space_dual.h"

namespace longplay {

struct DualGradients {
  torch::Tensor x, delta, a, b, c, d, state;  // shaped as the inputs
};

// StateSpaceDual and its gradients without autograd, for T a multiple of `chunk`; inputs are
// of one type, float32 or float64, their last dimensions contiguous.

DualResult DualForward(const DualInputs& in, const torch::Tensor& state, int64_t chunk);

/// `grads`: of y and of the last state, contiguous. Everything but the inputs is computed again.
DualGradients DualBackward(const DualInputs& in, const torch::Tensor& state, int64_t chunk,
                           const DualResult& grads);

}  // namespace longplay
