// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>

#include "agent/runs/run_folder.h"

namespace longplay {

enum class CollectAlgorithm { kAuto, kSoftActorCritic, kSearch, kFilter, kRandom };
enum class ExistingData { kRefuse, kReplace };

struct CollectOptions {
  std::string environment;
  int64_t steps = 0;  // decisions to record, rounded up to whole episodes
  std::string out;    // Minari folder, or one .hdf5 file
  CollectAlgorithm algorithm = CollectAlgorithm::kAuto;  // search or filter where it can, else SAC
  int64_t learners = 1;  // SAC: independent runs side by side, one after another in the file
  int64_t action_repeat = 1;
  int64_t max_episode_steps = 0;     // [decisions]; 0 = the task's own limit
  int64_t episodes_per_history = 8;  // search, filter, random: in a row with one hidden parameter
  int64_t learning_steps = 200000;   // search for a velocity: decisions before, to learn running
  ExistingData existing = ExistingData::kRefuse;  // what if there is a data set at `out`
  // kResume: goes on with what a call with the same options left unfinished, if there is any.
  // kFresh: refuses to lose it, but with ExistingData::kReplace.
  RunStart start = RunStart::kFresh;
  uint64_t seed = 0;
};

/// The command that goes on with the work.
std::string ResumeCommand(const CollectOptions& options);

}  // namespace longplay
