// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "datasets/chains/chain.h"

namespace longplay {

/// Splits an optimiser step's chains, in their order, into passes of at most `steps` time steps,
/// padding included, and of at least one chain; 0 = all in one pass.
///   packed  rows without padding: a pass holds the sum of its chains' lengths
std::vector<std::span<const ChainWindow>> SplitIntoPasses(std::span<const ChainWindow> drawn,
                                                          int64_t steps, bool packed);

}  // namespace longplay
