// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include "model/options.h"

namespace longplay {

// What stands between the two maps of a feed-forward, entry by entry, for passes that run backward
// by hand. `kind` is kGelu, kGeluTanh or kRelu; c10::Error otherwise (kSwiGlu is no function of one
// map).

/// The activation of x, any shape.
torch::Tensor Activate(FeedForwardKind kind, const torch::Tensor& x);

/// The same in x's memory.
void ActivateInPlace(FeedForwardKind kind, torch::Tensor& x);

/// Gradient of x, given that of Activate(kind, x).
torch::Tensor ActivateBackward(FeedForwardKind kind, const torch::Tensor& grad,
                               const torch::Tensor& x);

}  // namespace longplay
