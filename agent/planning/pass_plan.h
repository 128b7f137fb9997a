// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

#include "agent/batches/passes.h"
#include "agent/config/run_options.h"
#include "agent/learners/learner.h"
#include "datasets/store/episode_set.h"

namespace longplay {

/// How an optimiser step is cut into passes, and how they are computed.
struct PassPlan {
  PassLimits limits;
  int64_t threads = 0;  // side by side on so many; 0 = one after the other, each on all of ATen's
};

/// Many short chains are shared out over train.threads, which is less to wait for than operators
/// that are shared out one by one: twice as many passes as threads, so that a thread that is held up
/// leaves work to the others. Few or long chains, chains that ranks share, large networks, other
/// devices than the CPU and learners whose losses depend on each other have their passes one after
/// the other.
///
/// `options` are fitted to the data, train.threads filled in: those of all ranks. The plan, and with
/// it the order of sums, follows from them alone, not from the machine or the number of ranks.
PassPlan PlanPasses(const RunOptions& options, const EpisodeSet& set, const Learner& learner);

}  // namespace longplay
