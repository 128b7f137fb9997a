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

/// The best `fraction` of these episodes by return, in file order; at least one.
std::vector<int64_t> BestEpisodes(const EpisodeSet& set, std::vector<int64_t> order,
                                  double fraction) {
  std::ranges::stable_sort(
      order, [&](int64_t a, int64_t b) { return set.episode_return(a) > set.episode_return(b); });
  const double share = fraction * static_cast<double>(order.size());
  const auto count = static_cast<int64_t>(std::ceil(share - 1e-9));  // 0.07 * 100 is above 7
  order.resize(std::clamp<int64_t>(count, 1, static_cast<int64_t>(order.size())));
  std::ranges::sort(order);
  return order;
}

int64_t Draw(int64_t count, std::mt19937_64& random) {
  return std::uniform_int_distribution<int64_t>(0, count - 1)(random);
}

int64_t ChainLength(const EpisodeSet& set, const Chain& chain) {
  int64_t steps = 0;
  for (const int64_t episode : chain.episodes) steps += set.length(episode);
  return steps;
}

/// Weight of each episode, by options.weight.
std::vector<double> Weights(const EpisodeSet& set, const std::vector<int64_t>& episodes,
                            const ChainOptions& options) {
  std::vector<double> weights;
  // Returns are compared as shares of their range, so that temperature has no unit.
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

/// What only chains of one history in one order can have.
void CheckOrder(const ChainOptions& options) {
  const auto has = [&](ChainOrder order) {
    return options.source == ChainSource::kHistory && options.order == order;
  };
  const auto refuse = [](const std::string& key, const std::string& order, const std::string& got) {
    throw std::invalid_argument(
        "sampling chains: " + key +
        ": expected 1 without chain.source: history and chain.order: " + order + ", got " + got);
  };
  if (options.skip != 1 && !has(ChainOrder::kCollected)) {
    refuse("chain.skip", "collected", std::to_string(options.skip));
  }
  if (options.query_fraction != 1 && !has(ChainOrder::kShuffled)) {
    refuse("chain.query_fraction", "shuffled", std::to_string(options.query_fraction));
  }
}

/// Consecutive episodes of a history that a chain is drawn from.
int64_t Reach(const ChainOptions& options) { return (options.episodes - 1) * options.skip + 1; }

}  // namespace

Chain MakeChain(const EpisodeSet& set, std::vector<int64_t> episodes, const ChainOptions& options,
                std::mt19937_64& random) {
  // Order first, because targets belong to places in it.
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
  Chain chain{.episodes = std::move(episodes), .targets = {}};
  double best = -std::numeric_limits<double>::infinity();
  for (const int64_t episode : chain.episodes) best = std::max(best, set.episode_return(episode));
  for (const int64_t episode : chain.episodes) {
    chain.targets.push_back(
        options.target == ChainTarget::kChainBest ? best : set.episode_return(episode));
  }
  return chain;
}

ChainSampler::ChainSampler(const EpisodeSet& set, const ChainOptions& options)
    : set_(&set), options_(options) {
  if (options.episodes < 1 || set.episodes() == 0) {
    throw std::invalid_argument(
        "sampling chains: expected at least 1 episode a chain and in the "
        "set, got " +
        std::to_string(options.episodes) + " and " + std::to_string(set.episodes()));
  }
  CheckOrder(options);
  // Weights are summed up once: a draw then is one binary search.
  std::vector<int64_t> all(set.episodes());
  std::iota(all.begin(), all.end(), 0);
  eligible_ = BestEpisodes(set, std::move(all), options.best_fraction);
  cumulative_weight_ = Weights(set, eligible_, options);
  std::partial_sum(cumulative_weight_.begin(), cumulative_weight_.end(),
                   cumulative_weight_.begin());
  // Histories that are long enough for a chain.
  std::map<int64_t, std::vector<int64_t>> histories;
  for (const int64_t episode : eligible_) histories[set.history(episode)].push_back(episode);
  if (options.source == ChainSource::kAnywhere) return;
  for (auto& [history, episodes] : histories) {
    if (static_cast<int64_t>(episodes.size()) >= Reach(options)) {
      queries_.push_back(BestEpisodes(set, episodes, options.query_fraction));
      histories_.push_back(std::move(episodes));
    }
  }
  if (histories_.empty()) {
    throw std::invalid_argument("sampling chains: chain.source: expected a history of at least " +
                                std::to_string(Reach(options)) + " episodes, got none");
  }
}

/// By weight, an index into eligible_ that was drawn `most` times at most.
int64_t ChainSampler::DrawIndex(const std::vector<int64_t>& times, int64_t most,
                                std::mt19937_64& random) const {
  std::uniform_real_distribution<double> draw(0, cumulative_weight_.back());
  const auto at = std::ranges::upper_bound(cumulative_weight_, draw(random));
  const auto index = std::min<int64_t>(at - cumulative_weight_.begin(), eligible() - 1);
  if (times[index] <= most) return index;

  // It was: again, among those that were not.
  std::vector<int64_t> left;
  std::vector<double> cumulative;
  double sum = 0;
  for (int64_t i = 0; i < eligible(); ++i) {
    if (times[i] > most) continue;
    sum += cumulative_weight_[i] - (i == 0 ? 0 : cumulative_weight_[i - 1]);
    left.push_back(i);
    cumulative.push_back(sum);
  }
  const auto count = static_cast<int64_t>(left.size());
  if (!(sum > 0)) return left[Draw(count, random)];  // their weights are too small to be seen
  const double again = std::uniform_real_distribution<double>(0, sum)(random);
  const auto place = std::ranges::upper_bound(cumulative, again) - cumulative.begin();
  return left[std::min<int64_t>(place, count - 1)];
}

/// The query, one of the history's best, then stands behind any others of it in random order.
Chain ChainSampler::SampleAroundQuery(int64_t history, std::mt19937_64& random) const {
  const auto& queries = queries_[history];
  const int64_t query = queries[Draw(static_cast<int64_t>(queries.size()), random)];
  std::vector<int64_t> others = histories_[history], episodes = {query};
  std::erase(others, query);
  std::ranges::sample(others, std::back_inserter(episodes), options_.episodes - 1, random);
  Chain chain = MakeChain(*set_, std::move(episodes), options_, random);
  const auto place = std::ranges::find(chain.episodes, query) - chain.episodes.begin();
  std::rotate(chain.episodes.begin() + place, chain.episodes.begin() + place + 1,
              chain.episodes.end());
  std::rotate(chain.targets.begin() + place, chain.targets.begin() + place + 1,
              chain.targets.end());
  return chain;
}

Chain ChainSampler::Sample(std::mt19937_64& random) const {
  std::vector<int64_t> episodes;
  if (options_.source == ChainSource::kHistory) {
    const int64_t drawn = Draw(static_cast<int64_t>(histories_.size()), random);
    if (options_.query_fraction != 1) return SampleAroundQuery(drawn, random);
    const auto& history = histories_[drawn];
    const auto size = static_cast<int64_t>(history.size());
    // As collected: neighbours in time, or every skip-th episode. Otherwise any of one history, none
    // twice.
    if (options_.order == ChainOrder::kCollected) {
      const int64_t start = Draw(size - Reach(options_) + 1, random);
      for (int64_t e = 0; e < options_.episodes; ++e) {
        episodes.push_back(history[start + e * options_.skip]);
      }
    } else {
      std::ranges::sample(history, std::back_inserter(episodes), options_.episodes, random);
    }
  } else {
    // From anywhere: none is drawn again before all were.
    std::vector<int64_t> times(eligible_.size(), 0);
    for (int64_t e = 0; e < options_.episodes; ++e) {
      const int64_t index = DrawIndex(times, e / eligible(), random);
      ++times[index];
      episodes.push_back(eligible_[index]);
    }
  }
  return MakeChain(*set_, std::move(episodes), options_, random);
}

ChainWindow DrawWindow(const EpisodeSet& set, Chain chain, int64_t window,
                       std::mt19937_64& random) {
  ChainWindow drawn{.chain = std::move(chain)};
  drawn.length = ChainLength(set, drawn.chain);
  if (window > 0 && drawn.length > window) {
    drawn.first = Draw(drawn.length - window + 1, random);
    drawn.length = window;
  }
  return drawn;
}

}  // namespace longplay
