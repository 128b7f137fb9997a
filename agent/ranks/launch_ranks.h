// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace longplay {

/// Runs this program `ranks` times on this machine, as the ranks of one training, with `arguments`;
/// opens the store that they meet in, hands on SIGINT, SIGTERM and SIGUSR1, and waits for all.
///
/// Returns their exit code: 0 or 75 where all have it, else 1. When one fails, the others end by
/// themselves; what is left ten seconds later is killed. One that a signal ended without any rank
/// to tell of it is told of here.
int LaunchRanks(int64_t ranks, const std::vector<std::string>& arguments);

}  // namespace longplay
