// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <cstdint>

namespace longplay {

/// Mamba-2's norm: y * silu(z), then each of `groups` equal parts of the last dimension divided by
/// its root mean square, then times weight.
///   y, z [.., E], weight [E] → [.., E] in the type of y; computed in float32 or float64
/// Source: state-spaces/mamba, mamba_ssm/ops/triton/layernorm_gated.py, norm_before_gate = False.
torch::Tensor GatedNorm(const torch::Tensor& y, const torch::Tensor& z, const torch::Tensor& weight,
                        int64_t groups);

}  // namespace longplay
