// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <functional>

#include "agent/collect_work/episode_journal.h"
#include "agent/collect_work/explorer.h"
#include "agent/collect_work/played_episode.h"
#include "env/environment.h"

namespace longplay {

struct HistoryPlan {
  int64_t steps = 0;     // decisions to play, rounded up to whole episodes
  int64_t episodes = 1;  // in a row with one hidden parameter; the last history may be shorter
  uint64_t seed = 0;     // history h has the seed EpisodeSeed(seed, h)
};

/// Who wants to know how far it is.
struct HistoryListener {
  OnEpisode on_episode;                          // first for those that were kept
  std::function<void(int64_t stepped)> on_step;  // after each decision of so many simulations
};

/// Plays histories in all simulations of `environment` until the plan is met, and appends each
/// episode to the journal when it ends. Those that are there from a call with the same plan are not
/// played again: the explorer sees them, and the histories go on from there with the bytes of a
/// call that nobody disturbed. What the listener throws ends it. Throws std::runtime_error when the
/// explorer would have acted otherwise in an episode that was kept, and after EmptyEpisodes::kMost
/// episodes in a row without a step.
void PlayHistories(Environment& environment, Explorer& explorer, const HistoryPlan& plan,
                   EpisodeJournal& journal, const HistoryListener& listener);

}  // namespace longplay
