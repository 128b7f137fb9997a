// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

namespace longplay::runtime {

/// Of each number the part above 0.
inline void Rectify(float* x, int64_t count) {
  for (int64_t i = 0; i < count; ++i) x[i] = x[i] > 0 ? x[i] : 0;
}

}  // namespace longplay::runtime
