// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace longplay {

enum class CollectAlgorithm { kAuto, kSoftActorCritic, kSearch, kRandom };

struct CollectOptions {
  std::string environment;
  int64_t steps = 0;  // decisions to record, at least one episode
  std::string out;    // Minari folder, or one .hdf5 file
  CollectAlgorithm algorithm =
      CollectAlgorithm::kAuto;  // search for task families with a goal, else SAC
  int64_t learners = 1;         // independent runs, one after another in the file; steps are shared
  int64_t action_repeat = 1;
  int64_t max_episode_steps = 0;      // [decisions]; 0 = the task's own limit
  int64_t episodes_per_history = 24;  // search: episodes of one learner on one hidden goal
  uint64_t seed = 0;
};

struct CollectProgress {
  int64_t steps = 0, total = 0, episodes = 0;
  double mean_return = 0;  // of the last 20 episodes
};

struct CollectResult {
  int64_t episodes = 0, steps = 0;
  double mean_return = 0, best_return = 0;
};

/// Runs a learner in the simulator and writes everything it did, from failing to good, as a Minari
/// data set; each learner's run is one history (episode attribute "history").
/// Throws std::invalid_argument for options that make no sense (before any work is done).
CollectResult Collect(const CollectOptions& options,
                      const std::function<void(const CollectProgress&)>& on_progress);

}  // namespace longplay
