// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include "model/rows/gated_norm_options.h"

namespace longplay {

/// Root mean square norm, with Mamba-2's gate: u = y * silu(z), each group of u divided by its root
/// mean square, then times weight. Without z (undefined) u = y, the norm of Mamba's layers.
///   y, z [.., E], weight [E] → [.., E] in the type of y; computed in float32 or float64
/// Differentiable (once on CPU, where it is one loop); only inputs are kept for backward. Throws
/// c10::Error when shapes disagree.
/// Source: state-spaces/mamba, mamba_ssm/ops/triton/layernorm_gated.py, norm_before_gate = False;
/// arXiv 1910.07467.
torch::Tensor GatedNorm(const torch::Tensor& y, const torch::Tensor& z, const torch::Tensor& weight,
                        const GatedNormOptions& options);

/// The same by ATen's operators.
torch::Tensor GatedNormAnywhere(const torch::Tensor& y, const torch::Tensor& z,
                                const torch::Tensor& weight, const GatedNormOptions& options);

}  // namespace longplay
