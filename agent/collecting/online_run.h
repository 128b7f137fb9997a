// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "agent/learners/soft_actor_critic.h"
#include "datasets/episode.h"
#include "env/environment.h"

namespace longplay {

struct OnlineRunOptions {
  int64_t steps = 0;                // decisions to record, rounded up to whole episodes
  int64_t random_decisions = 600;   // uniform actions before the learner acts and learns
  double updates_per_decision = 1;  // fewer: quicker to collect, slower to become good
  int64_t batch = 128;              // transitions per update
  int64_t replay = 1000000;         // most transitions that are kept
  double reward_scale = 1;          // of the rewards that the learner sees; the record has its own
  bool new_parameter_each_episode = false;  // else one hidden parameter, if the task has any
  SoftActorCriticOptions learner = {};
  uint64_t seed = 0;
};

struct OnlineRunResult {
  std::vector<Episode> episodes;  // in the order in which they ended
  std::shared_ptr<SoftActorCritic> learner;
};

/// One learner from its first random action on, in all simulations of `environment`. `on_episode`
/// is called after each episode with its length and return. Uses one thread for tensors.
OnlineRunResult RunSoftActorCritic(
    Environment& environment, const OnlineRunOptions& options,
    const std::function<void(int64_t length, double episode_return)>& on_episode);

}  // namespace longplay
