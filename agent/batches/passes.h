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

}  // namespace longplay
