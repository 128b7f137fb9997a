// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "agent/velocity_search.h"

namespace longplay {

struct RunningLessons {
  std::string environment;  // one that shows the wished-for velocity as its last observation
  int64_t action_repeat = 1;
  int64_t max_episode_steps = 0;  // [decisions]; 0 = the task's own limit
  int64_t decisions = 0;          // of all lessons, rounded up to whole episodes
  uint64_t seed = 0;
};

/// An actor that runs at any velocity that it is told: soft actor-critic, a new wish each episode.
/// It acts as it learned, with the noise of its last policy. `on_episode` is called from the
/// learner's thread after each episode, `on_wait` ten times a second from the caller's.
VelocityActor LearnToRun(
    const RunningLessons& lessons,
    const std::function<void(int64_t length, double episode_return)>& on_episode,
    const std::function<void()>& on_wait);

}  // namespace longplay
