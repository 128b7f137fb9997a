// SPDX-License-Identifier: MIT
#include "agent/evaluation/arranged_context.h"

#include <algorithm>
#include <numeric>
#include <stdexcept>
#include <string>

#include "agent/acting/function_policy.h"
#include "env/environment_facets.h"

namespace longplay {
namespace {

using Episode = PlayedEpisodes::Episode;
using PlayedChains = std::vector<std::vector<Episode>>;

const Episode& At(const PlayedChains& chains, std::pair<int64_t, int64_t> place) {
  return chains[place.first][place.second];
}

/// [decisions] Chains are shown side by side, so all episodes must end together.
int64_t CommonLength(const PlayedChains& chains, const Arrangement& before) {
  const auto length = static_cast<int64_t>(At(chains, before[0][0]).rewards.size());
  for (const auto& places : before) {
    for (const auto& place : places) {
      const auto own = static_cast<int64_t>(At(chains, place).rewards.size());
      if (own == length) continue;
      throw std::invalid_argument(
          "evaluating: evaluate.last_context: expected episodes of one length, got " +
          std::to_string(length) + " and " + std::to_string(own) + " decisions");
    }
  }
  return length;
}

/// All but the last episode, which is played anew, worst first.
std::vector<std::pair<int64_t, int64_t>> SortedByReturn(int64_t chain,
                                                        const std::vector<EpisodeResult>& played) {
  std::vector<int64_t> order(played.size() - 1);
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(order, {}, [&](int64_t e) { return played[e].episode_return; });
  std::vector<std::pair<int64_t, int64_t>> places;
  places.reserve(order.size());
  for (const int64_t e : order) places.emplace_back(chain, e);
  return places;
}

/// The next chain, cyclically, whose hidden parameter differs.
int64_t ChainOfAnotherTask(int64_t chain, const Environment& environment) {
  const HiddenParameter* hidden = environment.hidden_parameter();
  const int64_t B = environment.batch();
  for (int64_t offset = 1; hidden != nullptr && offset < B; ++offset) {
    const int64_t other = (chain + offset) % B;
    if (!std::ranges::equal(hidden->parameter(other), hidden->parameter(chain))) return other;
  }
  throw std::invalid_argument(
      "evaluating: evaluate.last_context: another_task: expected chains with different hidden "
      "parameters (a task family, and more seeds), got none");
}

/// Decision t of every chain's arranged episodes, as a roll-out would show it.
class ArrangedView {
 public:
  ArrangedView(const PlayedChains& chains, const Arrangement& before, int64_t length,
               const EnvironmentSpec& spec)
      : chains_(chains),
        before_(before),
        length_(length),
        observation_size_(spec.observation_size),
        action_columns_(spec.action_columns()),
        observations_(before.size() * spec.observation_size),
        actions_(before.size() * spec.action_columns()),
        rewards_(before.size(), 0.0),
        starts_(before.size()),
        active_(before.size(), 1) {}

  void Show(int64_t t) {
    // t counts decisions through all arranged episodes, which have one length.
    const int64_t step = t % length_;
    for (size_t i = 0; i < before_.size(); ++i) {
      const Episode& episode = At(chains_, before_[i][t / length_]);
      std::copy_n(episode.observations.begin() + step * observation_size_, observation_size_,
                  observations_.begin() + static_cast<int64_t>(i) * observation_size_);
      std::copy_n(episode.actions.begin() + step * action_columns_, action_columns_,
                  actions_.begin() + static_cast<int64_t>(i) * action_columns_);
      starts_[i] = step == 0;
    }
    if (t > 0) RewardsBefore(t);
  }
  /// [B] of decision t - 1.
  const std::vector<double>& RewardsBefore(int64_t t) {
    for (size_t i = 0; i < before_.size(); ++i) {
      rewards_[i] = At(chains_, before_[i][(t - 1) / length_]).rewards[(t - 1) % length_];
    }
    return rewards_;
  }
  RolloutView view() const {
    return {
        .observations = observations_, .rewards = rewards_, .starts = starts_, .active = active_};
  }
  std::span<const double> actions() const { return actions_; }

 private:
  const PlayedChains& chains_;
  const Arrangement& before_;
  int64_t length_, observation_size_, action_columns_;
  std::vector<double> observations_, actions_, rewards_;
  std::vector<uint8_t> starts_, active_;
};

}  // namespace

void PlayedEpisodes::Add(const RolloutView& view, std::span<const double> actions) {
  const auto chains = static_cast<int64_t>(chains_.size());
  const int64_t O = static_cast<int64_t>(view.observations.size()) / chains;
  const int64_t columns = static_cast<int64_t>(actions.size()) / chains;
  for (int64_t i = 0; i < chains; ++i) {
    if (!view.active[i]) continue;
    std::vector<Episode>& episodes = chains_[i];
    // The view's reward is of the decision before, hence of the episode before at a start.
    if (!episodes.empty()) episodes.back().rewards.push_back(view.rewards[i]);
    if (view.starts[i]) episodes.emplace_back();
    const auto seen = view.observations.subspan(i * O, O);
    const auto done = actions.subspan(i * columns, columns);
    episodes.back().observations.insert(episodes.back().observations.end(), seen.begin(),
                                        seen.end());
    episodes.back().actions.insert(episodes.back().actions.end(), done.begin(), done.end());
  }
}

Arrangement Arrange(LastContext wanted, const RolloutResult& played,
                    const Environment& environment) {
  Arrangement before;
  for (int64_t i = 0; i < static_cast<int64_t>(played.size()); ++i) {
    if (wanted == LastContext::kSorted) {
      before.push_back(SortedByReturn(i, played[i]));
      continue;
    }
    const int64_t from =
        wanted == LastContext::kAnotherTask ? ChainOfAnotherTask(i, environment) : i;
    before.emplace_back();
    for (int64_t e = 0; e + 1 < static_cast<int64_t>(played[i].size()); ++e) {
      before.back().emplace_back(from, e);
    }
  }
  return before;
}

std::vector<EpisodeResult> PlayLastEpisodes(Environment& environment, Policy& policy,
                                            const PlayedEpisodes& played, const Arrangement& before,
                                            const RolloutOptions& options) {
  const int64_t length = CommonLength(played.chains(), before);
  const int64_t decisions = length * (options.episodes - 1);
  ArrangedView arranged(played.chains(), before, length, environment.spec());
  // Phase 1: the policy sees the arranged episodes, without deciding.
  for (int64_t t = 0; t < decisions; ++t) {
    arranged.Show(t);
    policy.Watch(arranged.view(), arranged.actions());
  }
  // Phase 2: it plays the last one.
  bool first = true;
  FunctionPolicy after([&](const RolloutView& view, std::span<double> actions) {
    RolloutView shown = view;
    if (first) {  // the roll-out knows nothing of what the arranged episodes ended with
      shown.rewards = arranged.RewardsBefore(decisions);
      first = false;
    }
    policy.Act(shown, actions);
  });
  // The roll-out starts with the last episode's number, hence with its seeds.
  RolloutOptions last = options;
  last.first_episode = options.first_episode + options.episodes - 1;
  last.episodes = 1;
  std::vector<EpisodeResult> results;
  for (const auto& chain : Rollout(environment, after, last)) results.push_back(chain.front());
  return results;
}

}  // namespace longplay
