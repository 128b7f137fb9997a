// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <functional>
#include <span>

#include "datasets/episode.h"
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

/// An episode that is done, in the order of the histories and of the episodes in them.
using HistorySink = std::function<void(const Episode& episode, int64_t history)>;

/// Plays histories in all simulations of `environment` until the plan is met.
/// `on_step` is called after each decision with the number of simulations that took part.
void PlayHistories(Environment& environment, Explorer& explorer, const HistoryPlan& plan,
                   const HistorySink& sink, const std::function<void(int64_t)>& on_step);

}  // namespace longplay
