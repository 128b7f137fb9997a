// SPDX-License-Identifier: MIT
#include "agent/collecting/history_player.h"

#include <algorithm>
#include <vector>

#include "agent/acting/rollout.h"
#include "agent/collecting/episode_recorder.h"

namespace longplay {
namespace {

/// Some histories, one per simulation, played side by side.
class Wave {
 public:
  /// `episodes[i]` is how many simulation i plays; 0 = it rests.
  Wave(Environment& environment, Explorer& explorer, std::vector<int64_t> episodes)
      : environment_(environment),
        explorer_(explorer),
        episodes_(std::move(episodes)),
        recorders_(episodes_.size()),
        active_(episodes_.size(), 0),
        actions_(episodes_.size() * environment.spec().action_columns(), 0.0),
        done_(episodes_.size()) {}

  /// Histories first, first + 1, ...
  void Play(uint64_t seed, int64_t first, const std::function<void(int64_t)>& on_step) {
    seeds_.clear();
    for (int64_t i = 0; i < size(); ++i) {
      seeds_.push_back(EpisodeSeed(seed, first + i));
      if (episodes_[i] == 0) continue;
      environment_.StartChain(i, seeds_[i]);
      explorer_.StartHistory(i, seeds_[i]);
      StartEpisode(i);
    }
    while (std::ranges::find(active_, 1) != active_.end()) on_step(Step());
  }

  const std::vector<std::vector<Episode>>& histories() const { return done_; }

 private:
  int64_t size() const { return static_cast<int64_t>(episodes_.size()); }
  std::span<double> action(int64_t i) {
    const int64_t columns = environment_.spec().action_columns();
    return std::span(actions_).subspan(i * columns, columns);
  }

  void StartEpisode(int64_t i) {
    environment_.Reset(i, EpisodeSeed(seeds_[i], static_cast<int64_t>(done_[i].size())));
    recorders_[i].Start(environment_.observation(i), environment_.spec().action_columns());
    explorer_.StartEpisode(i);
    active_[i] = 1;
  }

  int64_t Step() {
    for (int64_t i = 0; i < size(); ++i) {
      if (active_[i]) explorer_.Act(i, environment_.observation(i), action(i));
    }
    const std::vector<StepOutcome>& outcomes = environment_.Step(actions_, active_);
    int64_t stepped = 0;
    for (int64_t i = 0; i < size(); ++i) {
      if (!active_[i]) continue;
      ++stepped;
      recorders_[i].Add(action(i), outcomes[i], environment_.observation(i));
      explorer_.See(i, environment_.observation(i), outcomes[i].reward);
      if (outcomes[i].over()) EndEpisode(i);
    }
    return stepped;
  }

  void EndEpisode(int64_t i) {
    active_[i] = 0;
    done_[i].push_back(recorders_[i].Take());
    if (static_cast<int64_t>(done_[i].size()) < episodes_[i]) StartEpisode(i);
  }

  Environment& environment_;
  Explorer& explorer_;
  std::vector<int64_t> episodes_;           // [B] to play
  std::vector<EpisodeRecorder> recorders_;  // [B] running
  std::vector<uint8_t> active_;             // [B]
  std::vector<double> actions_;             // [B, A]; discrete: [B]
  std::vector<std::vector<Episode>> done_;  // [B][episodes played]
  std::vector<uint64_t> seeds_;             // [B]
};

}  // namespace

void PlayHistories(Environment& environment, Explorer& explorer, const HistoryPlan& plan,
                   const HistorySink& sink, const std::function<void(int64_t)>& on_step) {
  const int64_t longest = environment.spec().max_episode_steps;
  int64_t steps = 0, first = 0;
  while (steps < plan.steps) {
    // No more episodes than surely needed: full-length ones then end exactly where they should.
    int64_t needed = (plan.steps - steps + longest - 1) / longest;
    std::vector<int64_t> episodes(environment.batch(), 0);
    for (int64_t& count : episodes) {
      count = std::min(needed, plan.episodes);
      needed -= count;
    }
    Wave wave(environment, explorer, episodes);
    wave.Play(plan.seed, first, on_step);
    for (const std::vector<Episode>& history : wave.histories()) {
      if (history.empty()) break;
      for (const Episode& episode : history) {
        steps += episode.length();
        if (episode.length() > 0) sink(episode, first);
      }
      ++first;
    }
  }
}

}  // namespace longplay
