// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <vector>

#include "datasets/chains/step_rows.h"
#include "model/policy/policy_network.h"

namespace longplay {

/// Wraps numbers as a tensor of the type and on the device of `options`; undefined for none.
torch::Tensor WrapFloats(std::vector<float>& values, at::IntArrayRef shape,
                         const torch::TensorOptions& options);

/// Wraps B * N rows as the network's input on `device`. On the CPU in float32 nothing is copied:
/// the rows must outlive the tensors. What the rows do not hold is undefined.
StepTensors ToStepTensors(StepRows& rows, int64_t chains, const torch::TensorOptions& options);

}  // namespace longplay
