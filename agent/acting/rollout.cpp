// SPDX-License-Identifier: MIT
#include "agent/acting/rollout.h"

#include <algorithm>
#include <chrono>
#include <utility>

namespace longplay {
namespace {

/// Adds the time until it goes to `sum`, if there is one.
class Stopwatch {
 public:
  explicit Stopwatch(double* sum) : sum_(sum), start_(Clock::now()) {}
  ~Stopwatch() {
    if (sum_ != nullptr) *sum_ += std::chrono::duration<double>(Clock::now() - start_).count();
  }
  Stopwatch(const Stopwatch&) = delete;
  Stopwatch& operator=(const Stopwatch&) = delete;

 private:
  using Clock = std::chrono::steady_clock;
  double* sum_;
  Clock::time_point start_;
};

/// B chains as they are played: what the policy sees of them, changed in place, and what they have
/// earned so far.
class ChainsInPlay {
 public:
  /// A hidden parameter for each chain, then its first episode.
  ChainsInPlay(Environment& environment, const RolloutOptions& options)
      : environment_(environment),
        options_(options),
        observations_(environment.batch() * environment.spec().observation_size),
        rewards_(environment.batch(), 0.0),
        starts_(environment.batch(), 1),
        active_(environment.batch(), 1),
        episode_(environment.batch(), 0),
        results_(environment.batch(), std::vector<EpisodeResult>(options.episodes)) {
    for (int64_t i = 0; i < environment.batch(); ++i) {
      environment.StartChain(i, options.seed + static_cast<uint64_t>(i));
      beginning_.push_back(i);
    }
    Begin();
  }

  int64_t episodes_done() const { return episodes_done_; }
  bool AllDone() const { return episodes_done_ == environment_.batch() * options_.episodes; }
  RolloutView view() const {
    return {
        .observations = observations_, .rewards = rewards_, .starts = starts_, .active = active_};
  }
  RolloutResult TakeResults() { return std::move(results_); }

  /// One decision of all active chains, and the first observation of the episodes that follow.
  void Step(std::span<const double> actions) {
    Count(StepAll(actions));
    Begin();
  }

 private:
  double* physics_time() const {
    return options_.clock == nullptr ? nullptr : &options_.clock->physics;
  }

  const std::vector<StepOutcome>& StepAll(std::span<const double> actions) {
    const Stopwatch physics(physics_time());
    return environment_.Step(actions, active_);
  }

  void Count(const std::vector<StepOutcome>& outcomes) {
    for (int64_t i = 0; i < environment_.batch(); ++i) {
      if (!active_[i]) continue;
      EpisodeResult& current = results_[i][episode_[i]];
      current.episode_return += outcomes[i].reward;
      current.length += 1;
      current.diverged |= outcomes[i].diverged;
      // For the next decision, also where that begins an episode.
      rewards_[i] = outcomes[i].reward;
      starts_[i] = outcomes[i].over();
      if (!starts_[i]) {
        Look(i);
        continue;
      }
      // The episode is over, and the chain with its last one.
      ++episodes_done_;
      active_[i] = ++episode_[i] < options_.episodes;
      if (active_[i]) beginning_.push_back(i);
    }
  }

  /// All at once, so that environments may reset them side by side.
  void Begin() {
    std::vector<uint64_t> seeds;
    seeds.reserve(beginning_.size());
    for (const int64_t i : beginning_) {
      seeds.push_back(EpisodeSeed(options_.seed + static_cast<uint64_t>(i),
                                  options_.first_episode + episode_[i]));
    }
    const Stopwatch physics(physics_time());
    environment_.Reset(beginning_, seeds);
    for (const int64_t i : beginning_) Look(i);
    beginning_.clear();
  }

  void Look(int64_t i) {
    std::ranges::copy(environment_.observation(i),
                      observations_.begin() + i * environment_.spec().observation_size);
  }

  Environment& environment_;
  const RolloutOptions& options_;
  std::vector<double> observations_;  // [B, O]
  std::vector<double> rewards_;       // [B]
  std::vector<uint8_t> starts_;       // [B]
  std::vector<uint8_t> active_;       // [B]
  std::vector<int64_t> episode_;      // [B] the one that runs
  std::vector<int64_t> beginning_;    // whose next episode starts now
  RolloutResult results_;
  int64_t episodes_done_ = 0;
};

}  // namespace

uint64_t EpisodeSeed(uint64_t chain_seed, int64_t episode) {
  // SplitMix64: neighbouring seeds give unrelated streams.
  uint64_t z = chain_seed * 0x9E3779B97F4A7C15ULL + static_cast<uint64_t>(episode) + 1;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
  return z ^ (z >> 31);
}

RolloutResult Rollout(Environment& environment, Policy& policy, const RolloutOptions& options,
                      const std::function<void(int64_t)>& on_decision) {
  RolloutClock* clock = options.clock;
  const Stopwatch total(clock ? &clock->total : nullptr);
  ChainsInPlay chains(environment, options);
  std::vector<double> actions(environment.batch() * environment.spec().action_columns(), 0.0);
  // A decision of all active chains: act, step, count, and begin the episodes that are due.
  while (!chains.AllDone()) {
    {
      const Stopwatch policy_time(clock ? &clock->policy : nullptr);
      policy.Act(chains.view(), actions);
    }
    chains.Step(actions);
    if (on_decision) on_decision(chains.episodes_done());
  }
  return chains.TakeResults();
}

}  // namespace longplay
