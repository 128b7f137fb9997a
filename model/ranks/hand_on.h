// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <vector>

#include "model/ranks/context_ranks.h"

namespace longplay {

// A state that goes from the rank with the tokens before to the one with those behind, and its
// gradient, which comes back:
//
//   rank r:      .. layers ─► y, last ─► HandOn ─► y        backward: HandOn waits for last's gradient
//                                 │                                         ▲
//   rank r + 1:         TakeState ┴► state ─► layers ..     backward: TakeState sends state's

/// The `count` tensors that the rank before hands on next; differentiable where they are floating.
/// `x` is what they will meet: their gradients are sent in every backward of a loss of x.
std::vector<torch::Tensor> TakeState(const torch::Tensor& x, int64_t count, ContextRanks& ranks);

/// y, with `last` handed on to the rank behind. A loss of the returned tensor has the gradient that
/// comes back for `last`.
torch::Tensor HandOn(const torch::Tensor& y, const std::vector<torch::Tensor>& last,
                     ContextRanks& ranks);

/// Bytes of one message of such tensors: their shapes, and their numbers.
int64_t BytesOfState(const std::vector<torch::Tensor>& tensors);
/// Bytes of the gradients that come back.
int64_t BytesOfStateGradient(const std::vector<torch::Tensor>& tensors);

}  // namespace longplay
