// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "agent/collect_work/played_episode.h"
#include "agent/learners/soft_actor_critic.h"
#include "env/environment.h"

namespace longplay {

/// What a run is told while it goes on.
enum class StopRequest {
  kNone,
  kSaveFirst,  // it is saved and ends
  kAtOnce      // it ends, and nothing of it is written any more: its files are another's
};

/// Where a run is kept, so that a later call goes on with it.
struct OnlineRunFiles {
  std::string journal;           // its episodes, in the order in which they ended
  std::string state;             // all else, at some decision
  std::string checkpoints = {};  // episodes of checkpoints, where there are any
  const std::atomic<StopRequest>* stop = nullptr;
};

/// Episodes of checkpoints, recorded beside what it does while it learns; agent/collecting/
/// checkpoint_player.h.
struct OnlineRunCheckpoints {
  int64_t every = 0;                         // [decisions]; 0 = none
  std::unique_ptr<Environment> environment;  // its simulations play one episode each
};

struct OnlineRunOptions {
  int64_t steps = 0;                // decisions to record, rounded up to whole episodes
  int64_t random_decisions = 600;   // uniform actions before the learner acts and learns
  double updates_per_decision = 1;  // fewer: quicker to collect, slower to become good
  int64_t batch = 128;              // transitions per update
  int64_t replay = 1000000;         // most transitions that are kept
  double reward_scale = 1;          // of the rewards that the learner sees; the record has its own
  bool new_parameter_each_episode = false;  // else one hidden parameter, if the task has any
  SoftActorCriticOptions learner = {};
  int64_t history = 0;  // of the recorded episodes
  uint64_t seed = 0;
};

struct OnlineRunResult {
  std::shared_ptr<SoftActorCritic> learner;
  bool finished = true;  // false: it was stopped
};

/// One learner from its first random action on, in all simulations of `environment`. Goes on from
/// what `files` hold, where they are there, with the bytes of a run that nobody disturbed; then
/// `environment` and `options` are those of before. Every few seconds it saves where it is, so that
/// a kill costs no more than that. `on_episode` is called after each episode, and first for those
/// that were kept. Uses one thread for tensors. Throws std::runtime_error after EmptyEpisodes::kMost
/// episodes in a row without a step.
OnlineRunResult RunSoftActorCritic(Environment& environment, const OnlineRunOptions& options,
                                   const OnlineRunFiles& files, const OnEpisode& on_episode,
                                   OnlineRunCheckpoints checkpoints = {});

}  // namespace longplay
