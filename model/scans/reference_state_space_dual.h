// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include "model/scans/state_space_dual.h"

namespace longplay {

/// StateSpaceDual token by token, in the type of the inputs, with torch's own gradients: the
/// readable specification. Memory is O(B * T * H * K * S).
DualResult ReferenceStateSpaceDual(const DualInputs& inputs, const torch::Tensor& state);

}  // namespace longplay
