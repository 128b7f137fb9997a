// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "agent/config/run_options.h"
#include "agent/ranks/find_ranks.h"
#include "agent/ranks/process_group.h"

namespace longplay {

/// Starts `ranks` ranks of this program on this machine and waits for them. Returns where all have
/// trained, else throws CLI::RuntimeError with their exit code. Throws std::invalid_argument where a
/// launcher has started this process as one of several already.
void TrainOnRanks(int64_t ranks, const std::vector<std::string>& arguments,
                  const std::optional<RankPlace>& place);

/// Does `work` as the rank that `place` says, with its share of the machine's threads and GPUs: meets
/// the others, says so, and leaves with them. What goes wrong on one rank ends all, and is told once.
void WorkAsRank(const RankPlace& place, const ParallelOptions& options,
                const std::function<void(ProcessGroup&)>& work);

}  // namespace longplay
