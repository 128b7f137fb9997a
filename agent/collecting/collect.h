// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

namespace longplay {

enum class CollectAlgorithm { kAuto, kSoftActorCritic, kSearch, kRandom };
enum class ExistingData { kRefuse, kReplace };

struct CollectOptions {
  std::string environment;
  int64_t steps = 0;  // decisions to record, rounded up to whole episodes
  std::string out;    // Minari folder, or one .hdf5 file
  CollectAlgorithm algorithm = CollectAlgorithm::kAuto;  // search where it can, else SAC
  int64_t learners = 1;  // SAC: independent runs side by side, one after another in the file
  int64_t action_repeat = 1;
  int64_t max_episode_steps = 0;     // [decisions]; 0 = the task's own limit
  int64_t episodes_per_history = 8;  // search, random: in a row with one hidden parameter
  int64_t learning_steps = 200000;   // search for a velocity: decisions before, to learn running
  ExistingData existing = ExistingData::kRefuse;  // what if there is a data set at `out`
  uint64_t seed = 0;
};

struct CollectProgress {
  int64_t steps = 0, total = 0, episodes = 0;  // steps of DecisionsOf
  double mean_return = 0;                      // of the last 20 episodes
};

struct CollectResult {
  int64_t episodes = 0, steps = 0;
  double mean_return = 0, best_return = 0;
  std::string algorithm;  // the one that was used: "sac", "search" or "random"
  // search: mean return of an oracle, the learner's own controller told what is hidden, with
  // held-out parameters: what there is to reach for a policy that learns from the data
  std::optional<double> oracle_return = {};
};

/// Decisions that Collect plays: those that are recorded, and before them those of learning to run.
int64_t DecisionsOf(const CollectOptions& options);

/// Runs a learner in the simulator and writes everything it did, from failing to good, as a Minari
/// data set; each learner's run (SAC), or what it did with one hidden parameter (search, random),
/// is one history (episode attribute "history"). SAC runs are held in memory until they are done.
/// Hidden parameters are training ones. The same options give the same episodes.
/// `on_progress` is called from the calling thread; it may be empty.
/// Throws std::invalid_argument for options that make no sense, std::runtime_error where nothing
/// can be written, both before any work is done.
CollectResult Collect(const CollectOptions& options,
                      const std::function<void(const CollectProgress&)>& on_progress);

}  // namespace longplay
