// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "agent/collecting/history_player.h"
#include "env/environment_spec.h"

namespace longplay {

class SoftActorCritic;

struct LearnerGroupOptions {
  std::string environment;
  int64_t action_repeat = 1;
  int64_t max_episode_steps = 0;  // [decisions]; 0 = the task's own limit
  int64_t learners = 1;
  int64_t steps = 0;  // decisions of all learners together; each rounds its share up to episodes
  bool new_parameter_each_episode = false;  // else one hidden parameter a learner, if any
  uint64_t seed = 0;
};

/// Independent soft actor-critic runs side by side, one thread each; what they do depends neither
/// on the number of processors nor on each other.
///
/// When all are done, `sink` gets the episodes learner by learner (history = learner). Until then
/// `on_episode` is called from their threads, one at a time, and `on_wait` ten times a second from
/// the caller's. Returns what has learned.
std::vector<std::shared_ptr<SoftActorCritic>> RunLearnerGroup(
    const LearnerGroupOptions& options, const HistorySink& sink,
    const std::function<void(int64_t length, double episode_return)>& on_episode,
    const std::function<void()>& on_wait);

}  // namespace longplay
