// SPDX-License-Identifier: MIT
#include "datasets/chains/chain.h"

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

/// Drives the encoder through chains and writes their steps into a batch.
class ChainWriter {
 public:
  ChainWriter(const TrajectorySet& set, const Normalizer& normalizer, const ChainOptions& options,
              Batch& batch)
      : set_(set),
        normalizer_(normalizer),
        options_(options),
        batch_(batch),
        action_center_(normalizer.action_center.begin(), normalizer.action_center.end()) {
    for (const double scale : normalizer.action_scale) {
      action_factor_.push_back(static_cast<float>(1 / scale));
    }
  }

  /// Steps [first, first + length) of the chain become rows row, row + 1, ...
  void Write(const TrajectoryChain& chain, int64_t first, int64_t length, int64_t row) const;

 private:
  void Normalize(const float* action, float* out) const {
    for (size_t k = 0; k < action_center_.size(); ++k) {
      out[k] = (action[k] - action_center_[k]) * action_factor_[k];
    }
  }

  const TrajectorySet& set_;
  const Normalizer& normalizer_;
  const ChainOptions& options_;
  Batch& batch_;
  std::vector<float> action_center_, action_factor_;  // [A] factor: 1 / scale
};

int64_t ChainLength(const TrajectorySet& set, const TrajectoryChain& chain) {
  int64_t steps = 0;
  for (const int64_t episode : chain.episodes) steps += set.length(episode);
  return steps;
}

void ChainWriter::Write(const TrajectoryChain& chain, int64_t first, int64_t length,
                        int64_t row) const {
  const auto observation_size = static_cast<size_t>(normalizer_.observation_size());
  const auto action_size = static_cast<size_t>(normalizer_.action_size());
  StepEncoder encoder(normalizer_, options_.boundary);
  std::vector<float> skipped(action_size);
  int64_t start = 0;  // of the episode, in the chain
  for (size_t e = 0; e < chain.episodes.size() && start < first + length; ++e) {
    const int64_t episode = chain.episodes[e], steps = set_.length(episode);
    const std::span<const float> observations = set_.observations(episode);
    const std::span<const float> actions = set_.actions(episode);
    const std::span<const float> rewards = set_.rewards(episode);
    const bool counts = options_.loss == ChainLoss::kAllEpisodes || e + 1 == chain.episodes.size();
    encoder.StartEpisode(chain.targets[e]);
    const int64_t from = std::clamp<int64_t>(first - start, 0, steps);
    const int64_t to = std::min(first + length - start, steps);
    if (from > 0) {
      Normalize(actions.data() + (from - 1) * action_size, skipped.data());
      encoder.Skip(rewards.first(from), skipped, from == steps);
    }
    for (int64_t t = from; t < to; ++t, ++row) {
      const std::span<float> action(batch_.actions.data() + row * action_size, action_size);
      encoder.Write(observations.subspan(t * observation_size, observation_size), batch_.rows, row);
      Normalize(actions.data() + t * action_size, action.data());
      encoder.Record(action, rewards[t], t + 1 == steps);
      batch_.valid[row] = 1;
      batch_.in_loss[row] = counts ? 1 : 0;
    }
    start += steps;
  }
}

/// Padding.
void ClearRow(Batch& batch, int64_t row) {
  batch.rows.Clear(row);
  const int64_t action_size = batch.rows.action_size;
  std::fill_n(batch.actions.begin() + row * action_size, action_size, 0.0F);
  batch.valid[row] = batch.in_loss[row] = 0;
}

/// Weight of each episode, by options.weight.
std::vector<double> Weights(const TrajectorySet& set, const std::vector<int64_t>& episodes,
                            const ChainOptions& options) {
  std::vector<double> weights;
  double worst = std::numeric_limits<double>::infinity(), best = -worst;
  for (const int64_t episode : episodes) {
    worst = std::min(worst, set.episode_return(episode));
    best = std::max(best, set.episode_return(episode));
  }
  const double range = best > worst ? best - worst : 1;
  for (const int64_t episode : episodes) {
    switch (options.weight) {
      case EpisodeWeight::kLength:
        weights.push_back(static_cast<double>(set.length(episode)));
        break;
      case EpisodeWeight::kUniform:
        weights.push_back(1);
        break;
      case EpisodeWeight::kReturn:
        // Relative to the best, so that no weight overflows.
        weights.push_back(
            std::exp((set.episode_return(episode) - best) / range / options.temperature));
        break;
    }
  }
  return weights;
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
  cumulative_weight_ = Weights(set, eligible_, options);
  std::partial_sum(cumulative_weight_.begin(), cumulative_weight_.end(),
                   cumulative_weight_.begin());
  std::map<int64_t, std::vector<int64_t>> histories;
  for (const int64_t episode : eligible_) histories[set.history(episode)].push_back(episode);
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
    std::uniform_real_distribution<double> draw(0, cumulative_weight_.back());
    for (int64_t e = 0; e < options_.episodes; ++e) {
      const auto at = std::ranges::upper_bound(cumulative_weight_, draw(random));
      const auto index = std::min<int64_t>(at - cumulative_weight_.begin(),
                                           static_cast<int64_t>(eligible_.size()) - 1);
      episodes.push_back(eligible_[index]);
    }
  }
  return MakeChain(*set_, std::move(episodes), options_, random);
}

void FillBatch(const TrajectorySet& set, const Normalizer& normalizer,
               const std::vector<TrajectoryChain>& chains, const ChainOptions& options,
               std::mt19937_64& random, Batch& batch) {
  const auto count = static_cast<int64_t>(chains.size());
  const bool packed = options.rows == ChainRows::kPacked;
  std::vector<int64_t> first(count, 0), length(count);
  int64_t longest = 0, total = 0;
  for (int64_t i = 0; i < count; ++i) {
    length[i] = ChainLength(set, chains[i]);
    if (options.window > 0 && length[i] > options.window) {
      first[i] = Draw(length[i] - options.window + 1, random);
      length[i] = options.window;
    }
    longest = std::max(longest, length[i]);
    total += length[i];
  }
  batch.chains = packed ? 1 : count;
  batch.steps = packed ? total : longest;
  const int64_t rows = batch.chains * batch.steps;
  batch.rows.Resize(rows, normalizer.observation_size(), normalizer.action_size());
  batch.actions.resize(rows * normalizer.action_size());
  batch.valid.resize(rows);
  batch.in_loss.resize(rows);
  batch.segments.resize(packed ? rows : 0);

  const ChainWriter writer(set, normalizer, options, batch);
  for (int64_t i = 0, row = 0; i < count; ++i) {
    writer.Write(chains[i], first[i], length[i], row);
    if (packed) std::fill_n(batch.segments.begin() + row, length[i], i);
    row += length[i];
    for (; !packed && row < (i + 1) * batch.steps; ++row) ClearRow(batch, row);
  }
}

Batch MakeBatch(const TrajectorySet& set, const Normalizer& normalizer,
                const std::vector<TrajectoryChain>& chains, const ChainOptions& options,
                std::mt19937_64& random) {
  Batch batch;
  FillBatch(set, normalizer, chains, options, random, batch);
  return batch;
}

}  // namespace longplay
