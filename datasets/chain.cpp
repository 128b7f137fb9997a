// SPDX-License-Identifier: MIT
#include "datasets/chain.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <map>
#include <numeric>
#include <stdexcept>
#include <string>
#include <utility>

namespace longplay {
namespace {

/// The best `fraction` of all episodes by return, in file order; at least one.
std::vector<int64_t> BestEpisodes(const TrajectorySet& set, double fraction) {
  std::vector<int64_t> order(set.episodes());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(
      order, [&](int64_t a, int64_t b) { return set.episode_return(a) > set.episode_return(b); });
  const auto count = static_cast<int64_t>(std::ceil(fraction * static_cast<double>(order.size())));
  order.resize(std::clamp<int64_t>(count, 1, static_cast<int64_t>(order.size())));
  std::ranges::sort(order);
  return order;
}

int64_t Draw(int64_t count, std::mt19937_64& random) {
  return std::uniform_int_distribution<int64_t>(0, count - 1)(random);
}

/// Drives the encoder through the chain and writes the steps in [first, first + length) as rows
/// row, row + 1, ...
class ChainWriter {
 public:
  ChainWriter(const TrajectorySet& set, const Normalizer& normalizer, const ChainOptions& options,
              Batch& batch)
      : set_(set), normalizer_(normalizer), options_(options), batch_(batch) {}

  void Write(const TrajectoryChain& chain, int64_t first, int64_t length, int64_t row);

 private:
  const TrajectorySet& set_;
  const Normalizer& normalizer_;
  const ChainOptions& options_;
  Batch& batch_;
};

int64_t ChainLength(const TrajectorySet& set, const TrajectoryChain& chain) {
  int64_t steps = 0;
  for (const int64_t episode : chain.episodes) steps += set.length(episode);
  return steps;
}

void ChainWriter::Write(const TrajectoryChain& chain, int64_t first, int64_t length, int64_t row) {
  const int64_t observation_size = normalizer_.observation_size();
  const int64_t action_size = normalizer_.action_size();
  StepEncoder encoder(normalizer_, options_.boundary);
  std::vector<double> observation(observation_size);
  std::vector<float> action(action_size);
  int64_t step = 0;  // in the chain
  for (size_t e = 0; e < chain.episodes.size(); ++e) {
    const int64_t episode = chain.episodes[e];
    const std::span<const float> observations = set_.observations(episode);
    const std::span<const float> actions = set_.actions(episode);
    const std::span<const float> rewards = set_.rewards(episode);
    const bool counts = options_.loss == ChainLoss::kAllEpisodes || e + 1 == chain.episodes.size();
    encoder.StartEpisode(chain.targets[e]);
    for (int64_t t = 0; t < set_.length(episode); ++t, ++step) {
      for (int64_t k = 0; k < action_size; ++k) {
        action[k] =
            static_cast<float>((actions[t * action_size + k] - normalizer_.action_center[k]) /
                               normalizer_.action_scale[k]);
      }
      if (step >= first && step < first + length) {
        std::copy_n(observations.begin() + t * observation_size, observation_size,
                    observation.begin());
        encoder.Write(observation, batch_.rows, row);
        std::ranges::copy(action, batch_.actions.begin() + row * action_size);
        batch_.valid[row] = 1;
        batch_.in_loss[row] = counts ? 1 : 0;
        ++row;
      }
      encoder.Record(action, rewards[t], t + 1 == set_.length(episode));
    }
  }
}

}  // namespace

TrajectoryChain MakeChain(const TrajectorySet& set, std::vector<int64_t> episodes,
                          const ChainOptions& options, std::mt19937_64& random) {
  switch (options.order) {
    case ChainOrder::kAscendingReturn:
      std::ranges::stable_sort(episodes, [&](int64_t a, int64_t b) {
        return set.episode_return(a) < set.episode_return(b);
      });
      break;
    case ChainOrder::kCollected:
      std::ranges::sort(episodes);
      break;
    case ChainOrder::kShuffled:
      std::ranges::shuffle(episodes, random);
      break;
  }
  TrajectoryChain chain{.episodes = std::move(episodes), .targets = {}};
  double best = -std::numeric_limits<double>::infinity();
  for (const int64_t episode : chain.episodes) best = std::max(best, set.episode_return(episode));
  for (const int64_t episode : chain.episodes) {
    chain.targets.push_back(
        options.target == ChainTarget::kChainBest ? best : set.episode_return(episode));
  }
  return chain;
}

ChainSampler::ChainSampler(const TrajectorySet& set, const ChainOptions& options)
    : set_(&set), options_(options), eligible_(BestEpisodes(set, options.best_fraction)) {
  double total = 0;
  std::map<int64_t, std::vector<int64_t>> histories;
  for (const int64_t episode : eligible_) {
    total += static_cast<double>(set.length(episode));
    cumulative_length_.push_back(total);
    histories[set.history(episode)].push_back(episode);
  }
  if (options.source == ChainSource::kAnywhere) return;
  for (auto& [history, episodes] : histories) {
    if (static_cast<int64_t>(episodes.size()) >= options.episodes) {
      histories_.push_back(std::move(episodes));
    }
  }
  if (histories_.empty()) {
    throw std::invalid_argument("sampling chains: chain.source: expected a history of at least " +
                                std::to_string(options.episodes) + " episodes, got none");
  }
}

TrajectoryChain ChainSampler::Sample(std::mt19937_64& random) const {
  std::vector<int64_t> episodes;
  if (options_.source == ChainSource::kHistory) {
    const auto& history = histories_[Draw(static_cast<int64_t>(histories_.size()), random)];
    const auto size = static_cast<int64_t>(history.size());
    if (options_.order == ChainOrder::kCollected) {
      const int64_t start = Draw(size - options_.episodes + 1, random);
      episodes.assign(history.begin() + start, history.begin() + start + options_.episodes);
    } else {
      std::ranges::sample(history, std::back_inserter(episodes), options_.episodes, random);
    }
  } else {
    std::uniform_real_distribution<double> draw(0, cumulative_length_.back());
    for (int64_t e = 0; e < options_.episodes; ++e) {
      const auto at = std::ranges::upper_bound(cumulative_length_, draw(random));
      const auto index = std::min<int64_t>(at - cumulative_length_.begin(),
                                           static_cast<int64_t>(eligible_.size()) - 1);
      episodes.push_back(eligible_[index]);
    }
  }
  return MakeChain(*set_, std::move(episodes), options_, random);
}

Batch MakeBatch(const TrajectorySet& set, const Normalizer& normalizer,
                const std::vector<TrajectoryChain>& chains, const ChainOptions& options,
                std::mt19937_64& random) {
  Batch batch;
  batch.chains = static_cast<int64_t>(chains.size());
  std::vector<int64_t> first(chains.size(), 0), length(chains.size());
  for (size_t i = 0; i < chains.size(); ++i) {
    length[i] = ChainLength(set, chains[i]);
    if (options.window > 0 && length[i] > options.window) {
      first[i] = Draw(length[i] - options.window + 1, random);
      length[i] = options.window;
    }
    batch.steps = std::max(batch.steps, length[i]);
  }
  const int64_t rows = batch.chains * batch.steps;
  batch.rows = StepRows::Zeros(rows, normalizer.observation_size(), normalizer.action_size());
  batch.actions.resize(rows * normalizer.action_size());
  batch.valid.resize(rows);
  batch.in_loss.resize(rows);
  ChainWriter writer(set, normalizer, options, batch);
  for (size_t i = 0; i < chains.size(); ++i) {
    writer.Write(chains[i], first[i], length[i], static_cast<int64_t>(i) * batch.steps);
  }
  return batch;
}

}  // namespace longplay
