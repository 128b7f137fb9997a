// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "agent/files/safetensors.h"

namespace longplay {

/// Where the run of an online learner is, at some decision. The simulators are not in it: a running
/// episode is played again with the actions that it had.
struct LearnerState {
  struct RunningEpisode {
    int64_t simulation = 0;
    uint64_t seed = 0;
    int64_t first_round = 0;
    std::vector<float> shares;  // [n, A] the actions so far, in [-1, 1]
    std::vector<double> seen;   // [O] the last observation, to tell whether it was played the same
  };

  int64_t rounds = 0;     // decisions of all simulations at once
  int64_t decisions = 0;  // of each of them
  int64_t recorded = 0;   // [decisions] in episodes that are done
  int64_t started = 0;    // episodes
  double updates_due = 0;
  uint64_t random = 0;        // state of the generator that draws first actions
  int64_t journal_bytes = 0;  // of the episodes that were done
  std::vector<RunningEpisode> running;
  TensorMap learner;  // SoftActorCritic::state
};

/// Whole or not at all, and on the disk when it returns. Throws std::runtime_error.
void SaveLearnerState(const std::string& path, const LearnerState& state);

/// Nothing if there is no such file. Throws std::runtime_error when it is damaged.
std::optional<LearnerState> LoadLearnerState(const std::string& path);

}  // namespace longplay
