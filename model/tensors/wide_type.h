// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

namespace longplay {

/// What states and long sums are kept in beside numbers of this type: float64 for float64, else
/// float32.
inline torch::ScalarType WideType(torch::ScalarType type) {
  return type == torch::kFloat64 ? torch::kFloat64 : torch::kFloat32;
}

}  // namespace longplay
