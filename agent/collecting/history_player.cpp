// SPDX-License-Identifier: MIT
#include "agent/collecting/history_player.h"

#include <algorithm>
#include <map>
#include <stdexcept>
#include <utility>
#include <vector>

#include "agent/acting/rollout.h"
#include "agent/collecting/empty_episodes.h"
#include "agent/collecting/episode_recorder.h"

namespace longplay {
namespace {

/// By history.
using KeptEpisodes = std::map<int64_t, std::vector<JournalPlace>>;

/// Some histories, one per simulation, played side by side.
class Wave {
 public:
  /// `episodes[i]` is how many simulation i plays; 0 = it rests.
  Wave(Environment& environment, Explorer& explorer, std::vector<int64_t> episodes,
       EpisodeJournal& journal, EmptyEpisodes& empty, const HistoryListener& listener)
      : environment_(environment),
        explorer_(explorer),
        journal_(journal),
        empty_(empty),
        listener_(listener),
        episodes_(std::move(episodes)),
        recorders_(episodes_.size()),
        active_(episodes_.size(), 0),
        actions_(episodes_.size() * environment.spec().action_columns(), 0.0),
        done_(episodes_.size(), 0),
        seeds_(episodes_.size(), 0) {}

  /// Histories first, first + 1, ...; returns how many decisions their episodes have.
  int64_t Play(uint64_t seed, int64_t first, const KeptEpisodes& kept) {
    first_ = first;
    // A seed for each history, whatever simulation plays it.
    for (int64_t i = 0; i < size(); ++i) {
      if (episodes_[i] == 0) continue;
      seeds_[i] = EpisodeSeed(seed, first + i);
      const auto found = kept.find(first + i);
      StartHistory(i, found == kept.end() ? std::vector<JournalPlace>{} : found->second);
    }
    // Side by side until the last history of the wave is done.
    while (std::ranges::find(active_, 1) != active_.end()) listener_.on_step(Step());
    return steps_;
  }

 private:
  int64_t size() const { return static_cast<int64_t>(episodes_.size()); }
  std::span<double> action(int64_t i) {
    const int64_t columns = environment_.spec().action_columns();
    return std::span(actions_).subspan(i * columns, columns);
  }

  void StartHistory(int64_t i, const std::vector<JournalPlace>& kept) {
    done_[i] = static_cast<int64_t>(kept.size());
    for (const JournalPlace& place : kept) steps_ += place.length;
    if (done_[i] >= episodes_[i]) return;
    // From the seed, as at first; then the explorer sees again what was kept.
    environment_.StartChain(i, seeds_[i]);
    explorer_.StartHistory(i, seeds_[i]);
    for (const JournalPlace& place : kept) Recall(i, journal_.Read(place));
    StartEpisode(i);
  }

  /// The explorer does and sees what it did and saw in that episode, without a simulator.
  void Recall(int64_t i, const JournalEntry& entry) {
    const Episode& episode = entry.episode;
    const int64_t o = episode.observation_size, columns = episode.action_columns;
    const std::span observations(episode.observations);
    explorer_.StartEpisode(i);
    for (int64_t t = 0; t < episode.length(); ++t) {
      explorer_.Act(i, observations.subspan(t * o, o), action(i));
      if (!std::ranges::equal(action(i),
                              std::span(episode.actions).subspan(t * columns, columns))) {
        throw std::runtime_error(
            "going on with a history: " + std::to_string(episode.history) +
            ": expected the actions that were recorded, got others (another machine or program?)");
      }
      explorer_.See(i, observations.subspan((t + 1) * o, o), episode.rewards[t]);
    }
    // It acted once more, with draws of its own, before the simulation broke down.
    if (entry.diverged) explorer_.Act(i, observations.last(o), action(i));
  }

  void StartEpisode(int64_t i) {
    environment_.Reset(i, EpisodeSeed(seeds_[i], done_[i]));
    recorders_[i].Start(environment_.observation(i), environment_.spec().action_columns());
    explorer_.StartEpisode(i);
    active_[i] = 1;
  }

  int64_t Step() {
    // All decide, all simulations step at once, then each sees what it did.
    for (int64_t i = 0; i < size(); ++i) {
      if (active_[i]) explorer_.Act(i, environment_.observation(i), action(i));
    }
    const std::vector<StepOutcome>& outcomes = environment_.Step(actions_, active_);
    int64_t stepped = 0;
    for (int64_t i = 0; i < size(); ++i) {
      if (!active_[i]) continue;
      ++stepped;
      recorders_[i].Add(action(i), outcomes[i], environment_.observation(i));
      // A step that is not recorded tells nothing: what follows is in what was recorded.
      if (!outcomes[i].diverged) {
        explorer_.See(i, environment_.observation(i), outcomes[i].reward);
      }
      if (outcomes[i].over()) EndEpisode(i, outcomes[i].diverged);
    }
    return stepped;
  }

  void EndEpisode(int64_t i, bool diverged) {
    active_[i] = 0;
    ++done_[i];
    const PlayedEpisode played = {recorders_[i].length(), recorders_[i].episode_return()};
    steps_ += played.length;
    JournalEntry entry = {.episode = recorders_[i].Take(), .diverged = diverged};
    entry.episode.history = first_ + i;
    // Kept before anybody hears of it.
    journal_.Append(entry);
    if (played.length > 0) listener_.on_episode(played);
    empty_.Count(played.length);
    if (done_[i] < episodes_[i]) StartEpisode(i);
  }

  Environment& environment_;
  Explorer& explorer_;
  EpisodeJournal& journal_;
  EmptyEpisodes& empty_;
  const HistoryListener& listener_;
  std::vector<int64_t> episodes_;           // [B] to play
  std::vector<EpisodeRecorder> recorders_;  // [B] running
  std::vector<uint8_t> active_;             // [B]
  std::vector<double> actions_;             // [B, A]; discrete: [B]
  std::vector<int64_t> done_;               // [B] episodes played
  std::vector<uint64_t> seeds_;             // [B]
  int64_t first_ = 0;                       // history of simulation 0
  int64_t steps_ = 0;                       // [decisions] of episodes that are done
};

KeptEpisodes FindKept(const EpisodeJournal& journal, const OnEpisode& on_episode) {
  KeptEpisodes kept;
  for (const JournalPlace& place : journal.places()) {
    kept[place.history].push_back(place);
    if (place.length > 0) on_episode({place.length, place.episode_return, /*kept=*/true});
  }
  return kept;
}

}  // namespace

void PlayHistories(Environment& environment, Explorer& explorer, const HistoryPlan& plan,
                   EpisodeJournal& journal, const HistoryListener& listener) {
  const KeptEpisodes kept = FindKept(journal, listener.on_episode);
  const int64_t longest = environment.spec().max_episode_steps;
  EmptyEpisodes empty(environment.spec().id);
  int64_t steps = 0, first = 0;
  while (steps < plan.steps) {
    // No more episodes than surely needed: full-length ones then end exactly where they should.
    int64_t needed = (plan.steps - steps + longest - 1) / longest;
    std::vector<int64_t> episodes(environment.batch(), 0);
    for (int64_t& count : episodes) {
      count = std::min(needed, plan.episodes);
      needed -= count;
    }
    Wave wave(environment, explorer, episodes, journal, empty, listener);
    steps += wave.Play(plan.seed, first, kept);
    // Simulations that rested took no history.
    first += environment.batch() - std::ranges::count(episodes, 0);
  }
}

}  // namespace longplay
