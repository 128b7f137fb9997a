// SPDX-License-Identifier: MIT
#pragma once

#include <torch/nn/modules/linear.h>
#include <torch/types.h>

#include <cstdint>

#include "model/options.h"

namespace longplay {

/// [channels] biases whose softplus is a time step from 0.001 to 0.1, uniform in its logarithm.
/// Source: state-spaces/mamba, mamba_ssm/modules/mamba_simple.py.
torch::Tensor DrawTimeStepBias(int64_t channels);

/// Residual branches add up: a branch's last map starts smaller, by the root of their number.
/// Source: state-spaces/mamba, mamba_ssm/models/mixer_seq_simple.py.
void ScaleByDepth(torch::nn::Linear& last, const ModelOptions& options);

}  // namespace longplay
