// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <cstdint>

namespace longplay {

// Keyed noise out of ATen's operators on integers, on any device: the readable specification of
// model/tensors/keyed_noise.h, and what runs on CUDA. Shapes as there.

/// CounterSeed of each seed and counter, broadcast. [..] int64
torch::Tensor ReferenceCounterSeed(const torch::Tensor& seeds, const torch::Tensor& counters);

/// [.., columns] int64, 0 to 2^32 - 1.
torch::Tensor ReferenceNoiseBits(const torch::Tensor& keys, int64_t columns);

/// Bits below this are dropped.
uint32_t DropThreshold(double probability);

torch::Tensor ReferenceDrop(const torch::Tensor& x, const torch::Tensor& keys, double probability);
torch::Tensor ReferenceUniform(const torch::Tensor& keys, int64_t columns, torch::ScalarType type);

}  // namespace longplay
