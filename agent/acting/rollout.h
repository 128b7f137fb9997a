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
  double episode_return = 0;  // sum of rewards, in the task's units
  int64_t length = 0;         // [decisions]
  bool diverged = false;      // the simulation broke down; the episode ended there
};

/// [B][E], in the order in which they were played.
using RolloutResult = std::vector<std::vector<EpisodeResult>>;

/// Plays E episodes in a row, in one context, in every simulation of `environment`: B chains. The
/// policy is new and made for B chains. `on_decision`, if given, is called after each decision with
/// the number of episodes done so far. Throws what the policy and the environment throw, so
/// std::invalid_argument when their sizes differ.
RolloutResult Rollout(Environment& environment, Policy& policy, const RolloutOptions& options,
                      const std::function<void(int64_t)>& on_decision = {});

/// Seed of episode `episode` of the chain with seed `chain_seed`.
uint64_t EpisodeSeed(uint64_t chain_seed, int64_t episode);

}  // namespace longplay
