// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <functional>
#include <span>

#include "agent/collect_work/episode_journal.h"
#include "agent/collect_work/played_episode.h"
#include "env/environment.h"

namespace longplay {

/// Decides what each of B simulations does while histories are collected. It sees what a policy
/// would see (observations and rewards), never the hidden parameter.
class Explorer {
 public:
  virtual ~Explorer() = default;
  /// Simulation i begins a new history: forget everything about it; all chance comes from `seed`.
  virtual void StartHistory(int64_t i, uint64_t seed) = 0;
  virtual void StartEpisode(int64_t i) = 0;
  /// observation [O] → action as Environment::Step takes it, inside the bounds.
  virtual void Act(int64_t i, std::span<const double> observation, std::span<double> action) = 0;
  /// What the last action of simulation i earned, and what is seen now ([O]).
  virtual void See(int64_t i, std::span<const double> observation, double reward) = 0;
};

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
