// SPDX-License-Identifier: MIT
#include "agent/batches/passes.h"

#include <algorithm>

namespace longplay {

std::vector<std::span<const ChainWindow>> SplitIntoPasses(std::span<const ChainWindow> drawn,
                                                          const PassLimits& limits, bool packed) {
  std::vector<std::span<const ChainWindow>> passes;
  size_t first = 0;
  int64_t longest = 0, total = 0;
  for (size_t i = 0; i < drawn.size(); ++i) {
    const int64_t length = drawn[i].length;
    // A padded pass is as wide as its longest chain. One chain is a pass, however long.
    const int64_t padded = std::max(longest, length) * static_cast<int64_t>(i - first + 1);
    const bool too_long = limits.steps > 0 && (packed ? total + length : padded) > limits.steps;
    const bool too_many = limits.chains > 0 && static_cast<int64_t>(i - first) == limits.chains;
    if (i > first && (too_long || too_many)) {
      passes.push_back(drawn.subspan(first, i - first));
      first = i;
      longest = total = 0;
    }
    longest = std::max(longest, length);
    total += length;
  }
  passes.push_back(drawn.subspan(first));
  return passes;
}

}  // namespace longplay
