// SPDX-License-Identifier: MIT
#include "agent/acting/rollout.h"

#include <algorithm>
#include <chrono>

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
  const int64_t chains = environment.batch();
  const int64_t observation_size = environment.spec().observation_size;
  RolloutResult result(chains, std::vector<EpisodeResult>(options.episodes));
  // What the policy sees, changed in place: [B, O], then [B] each; actions [B, A].
  std::vector<double> observations(chains * observation_size), rewards(chains, 0.0);
  std::vector<double> actions(chains * environment.spec().action_columns(), 0.0);
  std::vector<uint8_t> starts(chains, 1), active(chains, 1);
  std::vector<int64_t> episode(chains, 0);
  int64_t episodes_done = 0;

  const auto look = [&](int64_t i) {
    std::ranges::copy(environment.observation(i), observations.begin() + i * observation_size);
  };
  std::vector<int64_t> beginning;  // whose next episode starts now
  const auto begin = [&] {
    // All at once, so that environments may reset them side by side.
    std::vector<uint64_t> seeds;
    seeds.reserve(beginning.size());
    for (int64_t i : beginning) {
      seeds.push_back(
          EpisodeSeed(options.seed + static_cast<uint64_t>(i), options.first_episode + episode[i]));
    }
    const Stopwatch physics(clock ? &clock->physics : nullptr);
    environment.Reset(beginning, seeds);
    for (int64_t i : beginning) look(i);
    beginning.clear();
  };
  // A hidden parameter for each chain, then its first episode.
  for (int64_t i = 0; i < chains; ++i) {
    environment.StartChain(i, options.seed + static_cast<uint64_t>(i));
    beginning.push_back(i);
  }
  begin();
  // A decision of all active chains: act, step, count, and begin the episodes that are due.
  while (episodes_done < chains * options.episodes) {
    {
      const Stopwatch policy_time(clock ? &clock->policy : nullptr);
      policy.Act(
          {.observations = observations, .rewards = rewards, .starts = starts, .active = active},
          actions);
    }
    const std::vector<StepOutcome>& outcomes = [&]() -> const std::vector<StepOutcome>& {
      const Stopwatch physics(clock ? &clock->physics : nullptr);
      return environment.Step(actions, active);
    }();
    for (int64_t i = 0; i < chains; ++i) {
      if (!active[i]) continue;
      EpisodeResult& current = result[i][episode[i]];
      current.episode_return += outcomes[i].reward;
      current.length += 1;
      current.diverged |= outcomes[i].diverged;
      // For the next decision, also where that begins an episode.
      rewards[i] = outcomes[i].reward;
      starts[i] = outcomes[i].over();
      if (!starts[i]) {
        look(i);
        continue;
      }
      // The episode is over, and the chain with its last one.
      ++episodes_done;
      active[i] = ++episode[i] < options.episodes;
      if (active[i]) beginning.push_back(i);
    }
    begin();
    if (on_decision) on_decision(episodes_done);
  }
  return result;
}

}  // namespace longplay
