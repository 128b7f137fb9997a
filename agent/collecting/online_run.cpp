// SPDX-License-Identifier: MIT
#include "agent/collecting/online_run.h"

#include <ATen/Parallel.h>
#include <ATen/ops/from_blob.h>

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

#include "agent/acting/rollout.h"
#include "agent/collect_work/episode_journal.h"
#include "agent/collect_work/learner_state.h"
#include "agent/collect_work/save_clock.h"
#include "agent/collecting/checkpoint_player.h"
#include "agent/collecting/empty_episodes.h"
#include "agent/collecting/episode_recorder.h"
#include "env/random_generator.h"

namespace longplay {
namespace {

/// The episode that a simulation is in.
struct RunningEpisode {
  uint64_t seed = 0;
  int64_t first_round = 0;
  std::vector<float> shares;  // [n, A] the actions so far, in [-1, 1]
  EpisodeRecorder recorder;
};

class OnlineRun {
 public:
  OnlineRun(Environment& environment, const OnlineRunOptions& options, const OnlineRunFiles& files,
            const OnEpisode& on_episode, OnlineRunCheckpoints checkpoints)
      : environment_(environment),
        options_(options),
        files_(files),
        on_episode_(on_episode),
        checkpoints_(std::move(checkpoints)),
        spec_(environment.spec()),
        learner_(std::make_shared<SoftActorCritic>(spec_.observation_size, spec_.action_size,
                                                   options.learner, options.seed)),
        replay_(std::min(options.replay, options.steps + spec_.max_episode_steps),
                spec_.observation_size, spec_.action_size),
        random_(options.seed, RandomGenerator::Stream::kLearner),
        empty_(spec_.id),
        running_(environment.batch()),
        active_(environment.batch(), 0),
        shares_(environment.batch() * spec_.action_size, 0.0F),
        actions_(environment.batch() * spec_.action_size, 0.0),
        seen_(environment.batch() * spec_.observation_size, 0.0) {}

  OnlineRunResult Run() {
    Open();
    SaveClock clock;
    // A round is one decision of every running simulation; saving stands between two.
    while (StartEpisodes() > 0) {
      const StopRequest stop = files_.stop == nullptr ? StopRequest::kNone : files_.stop->load();
      if (stop == StopRequest::kAtOnce) return {std::move(learner_), false};
      const bool stops = stop == StopRequest::kSaveFirst;
      if (stops || clock.IsTime()) clock.Time([&] { Save(); });
      if (stops) return {std::move(learner_), false};
      Act();
      Step();
      Learn();
      ++at_.rounds;
      if (player_) player_->PlayDue(*learner_, at_.decisions);
    }
    Save();
    return {std::move(learner_), true};
  }

 private:
  std::span<float> shares(int64_t i) {
    return std::span(shares_).subspan(i * spec_.action_size, spec_.action_size);
  }
  std::span<double> actions(int64_t i) {
    return std::span(actions_).subspan(i * spec_.action_size, spec_.action_size);
  }
  std::span<double> seen(int64_t i) {
    return std::span(seen_).subspan(i * spec_.observation_size, spec_.observation_size);
  }

  // Starts an episode wherever none is running and the running ones may end short of what is
  // wanted; returns how many are running.
  int64_t StartEpisodes() {
    int64_t running = std::ranges::count(active_, 1);
    for (int64_t i = 0; i < environment_.batch(); ++i) {
      if (active_[i] || at_.recorded + running * spec_.max_episode_steps >= options_.steps) {
        continue;
      }
      running_[i].seed = EpisodeSeed(options_.seed, at_.started++);
      running_[i].first_round = at_.rounds;
      StartEpisode(i);
      ++running;
    }
    return running;
  }

  void StartEpisode(int64_t i) {
    if (options_.new_parameter_each_episode) environment_.StartChain(i, running_[i].seed);
    environment_.Reset(i, running_[i].seed);
    running_[i].recorder.Start(environment_.observation(i), spec_.action_size);
    running_[i].shares.clear();
    std::ranges::copy(environment_.observation(i), seen(i).begin());
    active_[i] = 1;
  }

  void Act() {
    // The replay buffer first fills with actions of all kinds.
    if (at_.decisions < options_.random_decisions) {
      for (float& share : shares_) share = static_cast<float>(random_.Uniform(-1, 1));
    } else {
      const torch::Tensor observations =
          at::from_blob(seen_.data(), {environment_.batch(), spec_.observation_size}, at::kDouble)
              .to(at::kFloat);
      const torch::Tensor chosen = learner_->Act(observations).contiguous();
      std::copy_n(chosen.const_data_ptr<float>(), shares_.size(), shares_.begin());
    }
  }

  /// One decision of the `playing` simulations with their shares.
  const std::vector<StepOutcome>& Play(const std::vector<uint8_t>& playing) {
    for (size_t k = 0; k < actions_.size(); ++k) {
      const double low = spec_.action_low[k % spec_.action_size];
      const double high = spec_.action_high[k % spec_.action_size];
      actions_[k] = low + (high - low) * 0.5 * (1 + static_cast<double>(shares_[k]));
    }
    return environment_.Step(actions_, playing);
  }

  void Record(int64_t i, const StepOutcome& outcome) {
    const std::span<const double> next = environment_.observation(i);
    RunningEpisode& running = running_[i];
    running.recorder.Add(actions(i), outcome, next);
    if (!outcome.diverged) {
      running.shares.insert(running.shares.end(), shares(i).begin(), shares(i).end());
    }
    std::ranges::copy(next, seen(i).begin());
  }

  void Step() {
    const std::vector<StepOutcome>& outcomes = Play(active_);
    for (int64_t i = 0; i < environment_.batch(); ++i) {
      if (!active_[i]) continue;
      const StepOutcome& outcome = outcomes[i];
      Record(i, outcome);
      // A diverged step is not recorded, so nothing is learned from it.
      if (!outcome.diverged) {
        const Episode& episode = running_[i].recorder.episode();
        AddTransition(episode, running_[i].shares, episode.length() - 1);
      }
      ++at_.decisions;
      at_.updates_due += options_.updates_per_decision;
      if (outcome.over()) EndEpisode(i, outcome.diverged);
    }
  }

  /// Step t of an episode goes to the replay buffer.
  void AddTransition(const Episode& episode, const std::vector<float>& shares, int64_t t) {
    const int64_t o = episode.observation_size, a = episode.action_columns;
    const std::span observations(episode.observations);
    replay_.Add(observations.subspan(t * o, o), std::span(shares).subspan(t * a, a),
                options_.reward_scale * episode.rewards[t], observations.subspan((t + 1) * o, o),
                episode.terminated && t + 1 == episode.length());
  }

  void EndEpisode(int64_t i, bool diverged) {
    active_[i] = 0;
    RunningEpisode& running = running_[i];
    const int64_t length = running.recorder.length();
    at_.recorded += length;
    empty_.Count(length);
    if (length == 0) return;
    const PlayedEpisode played = {length, running.recorder.episode_return()};
    JournalEntry entry = {.episode = running.recorder.Take(),
                          .diverged = diverged,
                          .simulation = i,
                          .first_round = running.first_round,
                          .shares = std::move(running.shares)};
    entry.episode.history = options_.history;
    journal_->Append(entry);
    on_episode_(played);
  }

  void Learn() {
    // Random decisions owe no updates.
    if (at_.decisions < options_.random_decisions) at_.updates_due = 0;
    for (; at_.updates_due >= 1; --at_.updates_due) {
      learner_->Update(replay_.Sample(options_.batch, learner_->generator()));
    }
  }

  // Simulators are not saved: a running episode is played again with the actions that it had.

  void Save() {
    // The journal first: the state says how much of it counts.
    journal_->Flush();
    if (player_) player_->Flush();
    LearnerState state = at_;
    state.random = random_.state();
    state.journal_bytes = journal_->bytes();
    for (int64_t i = 0; i < environment_.batch(); ++i) {
      if (!active_[i]) continue;
      state.running.push_back({.simulation = i,
                               .seed = running_[i].seed,
                               .first_round = running_[i].first_round,
                               .shares = running_[i].shares,
                               .seen = {seen(i).begin(), seen(i).end()}});
    }
    state.learner = learner_->state();
    SaveLearnerState(files_.state, state);
  }

  /// Begins, or goes on from what is kept.
  void Open() {
    std::optional<LearnerState> state = LoadLearnerState(files_.state);
    // Episodes after the saved state are played again, so they leave the journal.
    journal_.emplace(files_.journal, state ? state->journal_bytes : 0);
    for (int64_t i = 0; i < environment_.batch(); ++i) environment_.StartChain(i, options_.seed);
    if (checkpoints_.every > 0) OpenCheckpoints(state ? state->decisions : 0);
    if (!state) return;
    for (const JournalPlace& place : journal_->places()) {
      on_episode_({place.length, place.episode_return, /*kept=*/true});
    }
    learner_->Load(state->learner);
    random_.set_state(state->random);
    // Running episodes before the replay buffer, which holds their steps too.
    PlayAgain(state->running);
    at_ = std::move(*state);
    at_.running.clear();
    at_.learner.clear();
    FillReplay();
  }

  /// Those after the saved state are played again.
  void OpenCheckpoints(int64_t decisions) {
    player_.emplace(std::move(checkpoints_.environment),
                    CheckpointPlan{.every = checkpoints_.every,
                                   .journal = files_.checkpoints,
                                   .history = options_.history,
                                   .seed = options_.seed},
                    decisions / checkpoints_.every);
  }

  void PlayAgain(const std::vector<LearnerState::RunningEpisode>& episodes) {
    size_t longest = 0;  // numbers in shares
    for (const LearnerState::RunningEpisode& episode : episodes) {
      running_.at(episode.simulation).seed = episode.seed;
      running_[episode.simulation].first_round = episode.first_round;
      StartEpisode(episode.simulation);
      longest = std::max(longest, episode.shares.size());
    }
    // Side by side as at first; a shorter episode stops at its last action.
    for (size_t from = 0; from < longest; from += spec_.action_size) {
      std::vector<uint8_t> playing(environment_.batch(), 0);
      for (const LearnerState::RunningEpisode& episode : episodes) {
        if (from >= episode.shares.size()) continue;
        playing[episode.simulation] = 1;
        std::copy_n(episode.shares.begin() + static_cast<int64_t>(from), spec_.action_size,
                    shares(episode.simulation).begin());
      }
      const std::vector<StepOutcome>& outcomes = Play(playing);
      for (int64_t i = 0; i < environment_.batch(); ++i) {
        if (playing[i]) Record(i, outcomes[i]);
      }
    }
    // Bit for bit, or it would go on as another run.
    for (const LearnerState::RunningEpisode& episode : episodes) {
      if (!std::ranges::equal(seen(episode.simulation), episode.seen)) {
        throw std::runtime_error("going on with a learner: " + files_.state +
                                 ": expected the simulator to do what it did before, got other "
                                 "observations (another machine or MuJoCo?)");
      }
    }
  }

  /// In the order in which transitions were added: round after round, in it by simulation.
  void FillReplay() {
    std::vector<std::vector<JournalPlace>> places(environment_.batch());
    for (const JournalPlace& place : journal_->places()) {
      places.at(place.simulation).push_back(place);
    }
    // Of each simulation: its next place in the journal, and the episode it is in.
    std::vector<size_t> next(environment_.batch(), 0);
    std::vector<JournalEntry> entries(environment_.batch());
    for (int64_t round = 0; round < at_.rounds; ++round) {
      for (int64_t i = 0; i < environment_.batch(); ++i) {
        if (next[i] < places[i].size() && places[i][next[i]].first_round == round) {
          entries[i] = journal_->Read(places[i][next[i]++]);
        } else if (active_[i] && running_[i].first_round == round) {
          entries[i] = {.episode = running_[i].recorder.episode(),
                        .first_round = round,
                        .shares = running_[i].shares};
        }
        const int64_t t = round - entries[i].first_round;
        if (t < entries[i].episode.length())
          AddTransition(entries[i].episode, entries[i].shares, t);
      }
    }
  }

  Environment& environment_;
  const OnlineRunOptions& options_;
  const OnlineRunFiles& files_;
  const OnEpisode& on_episode_;
  OnlineRunCheckpoints checkpoints_;
  std::optional<CheckpointPlayer> player_;
  const EnvironmentSpec& spec_;
  std::shared_ptr<SoftActorCritic> learner_;
  ReplayBuffer replay_;
  RandomGenerator random_;
  EmptyEpisodes empty_;
  std::vector<RunningEpisode> running_;  // [B]
  std::vector<uint8_t> active_;          // [B]
  std::vector<float> shares_;            // [B, A] actions in [-1, 1]
  std::vector<double> actions_;          // [B, A] the same in the task's units
  std::vector<double> seen_;             // [B, O] before the running step
  LearnerState at_;                      // its counters
  std::optional<EpisodeJournal> journal_;
};

}  // namespace

OnlineRunResult RunSoftActorCritic(Environment& environment, const OnlineRunOptions& options,
                                   const OnlineRunFiles& files, const OnEpisode& on_episode,
                                   OnlineRunCheckpoints checkpoints) {
  at::set_num_threads(1);  // of the calling thread: small matrices gain nothing from more
  return OnlineRun(environment, options, files, on_episode, std::move(checkpoints)).Run();
}

}  // namespace longplay
