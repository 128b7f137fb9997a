// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "agent/collect_work/collect_options.h"
#include "agent/collect_work/played_episode.h"

namespace longplay {

class SoftActorCritic;

struct LearnerGroupOptions {
  std::string environment;
  int64_t action_repeat = 1;
  int64_t max_episode_steps = 0;  // [decisions]; 0 = the task's own limit
  int64_t learners = 1;
  int64_t steps = 0;  // decisions of all learners together; each rounds its share up to episodes
  bool new_parameter_each_episode = false;  // else one hidden parameter a learner, if any
  int64_t first_task = -1;  // learner k plays task first_task + k of a numbered list; -1 = drawn
  CollectSacOptions sac = {};
  std::string kept_at;  // start of the names of their files, …N.journal and …N.safetensors
  uint64_t seed = 0;
};

/// What says to a task of a numbered list which one learner plays; nothing where they are drawn.
std::map<std::string, std::string> TaskArgument(int64_t first_task, int64_t learner);

/// The journal of what is recorded of one of them, an EpisodeJournal; its episodes have history = learner.
std::string JournalOf(const LearnerGroupOptions& options, int64_t learner);

/// Independent soft actor-critic runs side by side, one thread each; what they do depends neither
/// on the number of processors nor on each other. They go on from the files that are there.
///
/// Until all are done `on_episode` is called from their threads, one at a time, and `on_wait` ten
/// times a second from the caller's; when it throws, every learner is saved first, but for ClaimLost:
/// then none is. One that fails stops the others, which are saved. Returns what has learned.
std::vector<std::shared_ptr<SoftActorCritic>> RunLearnerGroup(const LearnerGroupOptions& options,
                                                              const OnEpisode& on_episode,
                                                              const std::function<void()>& on_wait);

}  // namespace longplay
