// SPDX-License-Identifier: MIT
#pragma once

#include <ATen/core/Generator.h>
#include <torch/types.h>

#include <cstdint>

#include "agent/learners/stacked_mlp.h"

namespace longplay {

/// The deterministic policy: observations [B, O] → actions [B, A] in [-1, 1].
///
///   observation ─► linear ─► relu ─► linear ─► relu ─► linear ─► tanh ─► action
StackedMlp MakeActor(int64_t observation_size, int64_t action_size, int64_t hidden,
                     const at::Generator& generator, const torch::TensorOptions& options);
torch::Tensor ActorActions(const StackedMlp& actor, const torch::Tensor& observations,
                           StackedMlp::Weights weights);

}  // namespace longplay
