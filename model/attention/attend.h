// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include "model/attention/attention_blocks.h"
#include "model/attention/visibility.h"
#include "model/attention_options.h"

namespace longplay {

/// BlockwiseAttend (model/attention/blockwise_attention.h) for schedules that own what is kept: no
/// gradient is recorded. Takes a fused kernel where there is one
/// (model/attention/fused_attention.h), else matrix products in blocks.
Attended Attend(const torch::Tensor& q, const torch::Tensor& k, const torch::Tensor& v,
                const Visibility& visibility, const AttentionOptions& options);
AttendGradients AttendBackward(const torch::Tensor& grad_heads, const torch::Tensor& q,
                               const torch::Tensor& k, const torch::Tensor& v,
                               const Attended& attended, const Visibility& visibility,
                               const AttentionOptions& options);

}  // namespace longplay
