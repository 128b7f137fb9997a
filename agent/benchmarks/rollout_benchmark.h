// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "agent/acting/rollout.h"
#include "model/options.h"

namespace longplay {

/// One decision of B chains with N time steps in context.
struct ActionCost {
  int64_t context = 0;        // N
  int64_t batch = 0;          // B
  double milliseconds = 0;    // of one decision of all B chains; median of `repeats`
  int64_t context_bytes = 0;  // that the chains' contexts take
};

/// Costs of decisions of a network with fresh weights, at contexts that grow along the list (their
/// order must be ascending). What stands in the context is random and not timed.
std::vector<ActionCost> BenchmarkActions(const ModelOptions& options, int64_t batch,
                                         const std::vector<int64_t>& contexts, int64_t repeats);

struct RolloutShares {
  int64_t decisions = 0;  // of all chains together
  double seconds = 0;
  double model = 0, physics = 0, copying = 0;  // shares of the time; copying = all that is neither
};

/// `chains` simulations × `episodes` episodes in one context each, played by a network with fresh
/// weights: where the time goes. Throws as MakeEnvironment does.
///   action_repeat  [control steps] a decision
RolloutShares BenchmarkRollout(const ModelOptions& options, const std::string& environment,
                               int64_t chains, int64_t episodes, int64_t action_repeat);

}  // namespace longplay
