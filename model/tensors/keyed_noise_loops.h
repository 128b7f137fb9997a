// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <cstdint>

namespace longplay {

// Keyed noise on the CPU; all tensors contiguous, shapes as in model/tensors/keyed_noise.h.

torch::Tensor KeysAtInLoops(const torch::Tensor& keys, uint64_t place);

/// y: of the shape and type (a floating one) of x; may be x.
void DropInLoops(const torch::Tensor& x, const torch::Tensor& keys, double probability,
                 torch::Tensor& y);

/// `type`: float32 or float64.
torch::Tensor UniformInLoops(const torch::Tensor& keys, int64_t columns, torch::ScalarType type);

}  // namespace longplay
