// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

namespace longplay {

// The part of Mamba-2's chunks that is no matrix product, for one head: R chunks of Q tokens, of
// one type, float32 or float64. No gradient is recorded. On CPU one loop, elsewhere ATen.

/// Where the memory of a chunk's tokens decays, and where it is cut.
struct ChunkDecay {
  torch::Tensor steps;        // [R, Q] logarithms of decay, delta * a; contiguous
  torch::Tensor starts = {};  // [R, Q] bool, true = nothing before this token; or undefined
};

/// decays [R, Q, Q]: exp(sum of the steps k, j < k <= i) at (i, j); zero above the diagonal and
/// where a start lies between. Sums run from the diagonal outwards (a difference of sums from the
/// chunk's start would cancel).
torch::Tensor Decays(const ChunkDecay& chunk);

/// Gradient of the steps [R, Q], added to `grad_steps` (contiguous), where `grad_sums` [R, Q, Q]
/// is that of the sums: grad_steps_k += sum of grad_sums_ij over j < k <= i.
void AddStepGradients(const torch::Tensor& grad_sums, torch::Tensor& grad_steps);

// The same by ATen's operators.
torch::Tensor DecaysAnywhere(const ChunkDecay& chunk);
void AddStepGradientsAnywhere(const torch::Tensor& grad_sums, torch::Tensor& grad_steps);

}  // namespace longplay
