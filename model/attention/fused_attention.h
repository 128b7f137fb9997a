// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include "model/attention/attention_blocks.h"
#include "model/attention/visibility.h"
#include "model/attention_options.h"

namespace longplay {

/// ATen's fused attention operators that give the log-sum-exp. kCudaFlash: 16-bit types;
/// kCudaEfficient: float32 as well. None of them takes what kNone stands for: attention dropout
/// (on CPU; on CUDA its masks would not follow a counter) and float64 on CUDA.
enum class FusedKernel { kNone, kCpu, kCudaFlash, kCudaEfficient };

/// The kernel for these tensors; kNone = use AttendInBlocks.
FusedKernel ChooseFusedKernel(const torch::Tensor& q, const torch::Tensor& k,
                              const Visibility& visibility);

/// AttendInBlocks through a fused kernel: one call where only the causal rule hides something, else
/// one call per pair of blocks, joined by Merge. Shapes as there.
Attended AttendFused(FusedKernel kernel, const torch::Tensor& q, const torch::Tensor& k,
                     const torch::Tensor& v, const Visibility& visibility,
                     const AttentionOptions& options);
AttendGradients AttendFusedBackward(FusedKernel kernel, const torch::Tensor& grad_heads,
                                    const torch::Tensor& q, const torch::Tensor& k,
                                    const torch::Tensor& v, const Attended& attended,
                                    const Visibility& visibility, const AttentionOptions& options);

}  // namespace longplay
