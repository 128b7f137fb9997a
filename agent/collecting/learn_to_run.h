// SPDX-License-Identifier: MIT
#pragma once

#include <functional>

#include "agent/collecting/learner_group.h"
#include "agent/collecting/velocity_search.h"

namespace longplay {

/// An actor that runs at any velocity that it is told: a soft actor-critic in an environment that
/// shows the wished-for velocity as its last observation, a new wish each episode. It acts as it
/// learned, with the noise of its last policy. `lessons` says how long; it is one learner, whatever
/// is said of learners there. `on_episode` and `on_wait` as in RunLearnerGroup.
VelocityActor LearnToRun(LearnerGroupOptions lessons, const OnEpisode& on_episode,
                         const std::function<void()>& on_wait);

}  // namespace longplay
