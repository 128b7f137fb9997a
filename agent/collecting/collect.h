// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "agent/collect_work/collect_options.h"

namespace longplay {

struct CollectProgress {
  int64_t steps = 0, total = 0, episodes = 0;  // steps of DecisionsOf
  int64_t kept = 0;                            // of the steps: an earlier call played them
  double mean_return = 0;                      // of the last 20 episodes
};

struct CollectResult {
  int64_t episodes = 0, steps = 0;
  double mean_return = 0, best_return = 0;
  std::string algorithm;  // the one that was used, as --algorithm names it
  // search: mean return of an oracle, the learner's own controller told what is hidden, with
  // held-out parameters: what there is to reach for a policy that learns from the data
  std::optional<double> oracle_return = {};
};

/// Decisions that Collect plays: those that are recorded, and before them those of learning to run.
int64_t DecisionsOf(const CollectOptions& options);

/// Runs a learner in the simulator and writes everything it did, from failing to good, as a Minari
/// data set; each learner's run (SAC), or what it did with one hidden parameter (search, filter,
/// random), is one history (episode attribute "history"). Hidden parameters are training ones. The
/// same options give the same bytes.
/// What is recorded is kept beside `out` (CollectWork) until the data set is whole: a kill at any
/// moment costs the running episodes at most, and a call with RunStart::kResume goes on to the
/// bytes of a call that nobody disturbed. Two calls for one `out` do not mix: the second is refused.
/// `on_progress` is called from the calling thread; it may be empty.
/// Throws std::invalid_argument for options that make no sense, std::runtime_error where nothing
/// can be written, both before any work is done; StoppedBySignal when a signal came (agent/
/// stop_signal.h) and what is recorded is kept; ClaimLost when another process took the work over.
CollectResult Collect(const CollectOptions& options,
                      const std::function<void(const CollectProgress&)>& on_progress);

}  // namespace longplay
