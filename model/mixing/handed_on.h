// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

namespace longplay {

/// What layers hand up their stack beside their output, for the same n tokens. Empty below the
/// first layer; differentiable.
struct HandedOn {
  torch::Tensor first_value = {};  // [B, n, D] of the stack's first RWKV-7 layer, which sets it;
                                   // later ones read it
};

}  // namespace longplay
