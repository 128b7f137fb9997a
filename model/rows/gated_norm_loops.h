// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include "model/rows/gated_norm_options.h"

namespace longplay {

/// Inputs of GatedNorm on CPU, of one type, float32 or float64.
struct NormRows {
  torch::Tensor y, z;    // [N, E], the last dimension contiguous; z may be undefined
  torch::Tensor weight;  // [E] contiguous
};

/// [N, E]; no gradient is recorded.
torch::Tensor GatedNormInLoops(const NormRows& in, const GatedNormOptions& options);

/// Gradients of what GatedNormInLoops reads; grad [N, E] contiguous. The same numbers for any
/// number of threads.
NormRows GatedNormInLoopsBackward(const NormRows& in, const torch::Tensor& grad,
                                  const GatedNormOptions& options);

}  // namespace longplay
