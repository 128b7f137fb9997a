// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "datasets/chains/chain.h"

namespace longplay {

/// How much of an optimiser step a pass holds at most, but at least one chain; 0 = no limit.
struct PassLimits {
  int64_t steps = 0;  // [time steps], padding included
  int64_t chains = 0;
};

/// Splits an optimiser step's chains, in their order, into passes.
///   packed  rows without padding: a pass holds the sum of its chains' lengths
std::vector<std::span<const ChainWindow>> SplitIntoPasses(std::span<const ChainWindow> drawn,
                                                          const PassLimits& limits, bool packed);

/// Which rank of how many.
struct RankOf {
  int64_t rank = 0, size = 1;
};

/// An optimiser step's chains, shared out over ranks.
struct SharedStep {
  std::vector<std::span<const ChainWindow>> passes;  // of one rank
  int64_t first_chain = 0;                           // number of its first chain in the step
  int64_t first_pass = 0;                            // number of its first pass in the step
  int64_t all_passes = 0;                            // of all ranks
};

/// Every rank gets as many of the step's chains as any other, or one more, one after another, and
/// splits them into passes as above. Where limits.chains leaves no rank without a pass, ranks get
/// whole passes of so many: then the passes are those of one process.
/// Throws std::invalid_argument where there are fewer chains than ranks.
SharedStep ShareOverRanks(std::span<const ChainWindow> drawn, const PassLimits& limits, bool packed,
                          const RankOf& ranks);

}  // namespace longplay
