// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "agent/acting/policy.h"
#include "env/environment.h"

namespace longplay {

/// Where the time of a roll-out goes [s].
struct RolloutClock {
  double policy = 0;   // in the policy
  double physics = 0;  // in steps and resets of the environment
  double total = 0;
};

struct RolloutOptions {
  int64_t episodes = 1;           // E per chain
  int64_t first_episode = 0;      // number of the first, which decides its seed
  RolloutClock* clock = nullptr;  // if given, times are added to it
  uint64_t seed = 0;  // chain i has seed + i: its hidden parameter and the resets of its episodes
};

struct EpisodeResult {
  double episode_return = 0;
  int64_t length = 0;  // [decisions]
  bool diverged = false;
};

/// [chains][episodes], in the order in which they were played.
using RolloutResult = std::vector<std::vector<EpisodeResult>>;

/// Plays E episodes in a row in every simulation of `environment`; the policy is new. `on_decision`, if given, is
/// called after each decision with the number of episodes done so far.
RolloutResult Rollout(Environment& environment, Policy& policy, const RolloutOptions& options,
                      const std::function<void(int64_t)>& on_decision = {});

/// Seed of episode `episode` of the chain with seed `chain_seed`.
uint64_t EpisodeSeed(uint64_t chain_seed, int64_t episode);

}  // namespace longplay
