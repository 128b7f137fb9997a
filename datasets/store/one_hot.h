// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>

namespace longplay {

// A discrete action is a number from 0 in data and environments, and one-hot in the policy's units:
// A numbers, 1 at the action's place. Here one becomes the other, and nowhere else.

/// Writes action `index` of 0 ... A - 1 as `row` [A].
inline void WriteOneHot(double index, std::span<float> row) {
  std::ranges::fill(row, 0.0F);
  row[static_cast<size_t>(index)] = 1;
}

/// The action that `row` [A] stands for.
inline double ReadOneHot(std::span<const float> row) {
  return static_cast<double>(std::ranges::max_element(row) - row.begin());
}

}  // namespace longplay
