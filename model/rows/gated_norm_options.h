// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

namespace longplay {

/// Of GatedNorm (model/rows/gated_norm.h).
struct GatedNormOptions {
  int64_t groups = 1;  // equal parts of the last dimension, each divided by its own root mean
                       // square
  double epsilon = 1e-5;
};

}  // namespace longplay
