// SPDX-License-Identifier: MIT
#include "agent/batches/passes.h"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <utility>

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

SharedStep ShareOverRanks(std::span<const ChainWindow> drawn, const PassLimits& limits, bool packed,
                          const RankOf& ranks) {
  const auto chains = static_cast<int64_t>(drawn.size());
  if (chains < ranks.size) {
    throw std::invalid_argument("sharing out a step: expected a chain for each of " +
                                std::to_string(ranks.size) + " ranks, got " +
                                std::to_string(chains));
  }
  // Ranks begin at whole passes, where there are enough of them.
  const int64_t pass = std::max<int64_t>(limits.chains, 1);
  const int64_t units = (chains + pass - 1) / pass;
  const int64_t unit = units >= ranks.size ? pass : 1;
  const int64_t count = unit == 1 ? chains : units;
  const auto begin = [&](int64_t rank) {
    return std::min(chains, rank * count / ranks.size * unit);
  };
  SharedStep share{.passes = {}, .first_chain = begin(ranks.rank)};
  for (int64_t rank = 0; rank < ranks.size; ++rank) {
    auto passes =
        SplitIntoPasses(drawn.subspan(begin(rank), begin(rank + 1) - begin(rank)), limits, packed);
    if (rank == ranks.rank) share.first_pass = share.all_passes;
    share.all_passes += static_cast<int64_t>(passes.size());
    if (rank == ranks.rank) share.passes = std::move(passes);
  }
  return share;
}

}  // namespace longplay
