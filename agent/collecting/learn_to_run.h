// SPDX-License-Identifier: MIT
#pragma once

#include <functional>

#include "agent/collecting/learner_group.h"
#include "agent/collecting/oracle.h"
#include "agent/collecting/velocity_search.h"

namespace longplay {

/// Run at any velocity that they are told.
struct RunningActors {
  VelocityActor noisy;  // draws from the last policy, as it learned
  ToldActor steady;     // takes that policy's middle; told the wish, the task's parameter
};

/// What they run by is a soft actor-critic in an environment that shows the wished-for velocity as
/// its last observation, a new wish each episode. `lessons` says how long; it is one learner,
/// whatever is said of learners there. `on_episode` and `on_wait` as in RunLearnerGroup.
RunningActors LearnToRun(LearnerGroupOptions lessons, const OnEpisode& on_episode,
                         const std::function<void()>& on_wait);

}  // namespace longplay
