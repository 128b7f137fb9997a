// SPDX-License-Identifier: MIT
#include "agent/evaluation/action_error.h"

#include <torch/types.h>

#include <algorithm>
#include <map>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>

#include "agent/batches/step_tensors.h"
#include "datasets/chains/chain_batches.h"
#include "model/policy/action_head.h"

namespace longplay {
namespace {

void CheckFits(const PolicyRecord& record, const DatasetInfo& data) {
  const auto sizes = [](int64_t observation_size, int64_t action_size, ActionKind kind) {
    return std::to_string(observation_size) + " observations and " + std::to_string(action_size) +
           (kind == ActionKind::kDiscrete ? " discrete actions" : " continuous actions");
  };
  const std::string expected = sizes(record.normalizer.observation_size(),
                                     record.normalizer.action_size(), record.action_kind);
  const std::string got = sizes(data.observation_size, data.action_size, data.action_kind);
  if (expected == got) return;
  throw std::invalid_argument("measuring action errors: " + data.path + ": expected " + expected +
                              " as the policy was trained with, got " + got);
}

ChainOptions AsTrained(const ChainOptions& trained, const ActionErrorOptions& options) {
  // All episodes count, and each chain has a row of its own to cut places from.
  ChainOptions chain = trained;
  if (options.episodes > 0) chain.episodes = options.episodes;
  chain.best_fraction = 1;
  chain.loss = ChainLoss::kAllEpisodes;
  chain.rows = ChainRows::kPadded;
  chain.random_maps = 0;
  chain.symmetry = ChainSymmetry::kNone;
  return chain;
}

/// E of the chains that are drawn: as many as asked for, as far as some history holds them.
int64_t DrawnEpisodes(const EpisodeSet& set, const ChainOptions& chain, int64_t asked) {
  if (chain.source == ChainSource::kAnywhere) return std::max(chain.episodes, asked);
  std::map<int64_t, int64_t> lengths;
  int64_t longest = 0;
  for (int64_t episode = 0; episode < set.episodes(); ++episode) {
    longest = std::max(longest, ++lengths[set.history(episode)]);
  }
  return std::max(chain.episodes, std::min(asked, (longest - 1) / chain.skip + 1));
}

/// The last `count` episodes, with targets as a chain of their own has them.
Chain LastEpisodes(const EpisodeSet& set, Chain chain, int64_t count, ChainTarget target) {
  const auto dropped = static_cast<int64_t>(chain.episodes.size()) - count;
  chain.episodes.erase(chain.episodes.begin(), chain.episodes.begin() + dropped);
  chain.targets.erase(chain.targets.begin(), chain.targets.begin() + dropped);
  if (target == ChainTarget::kOwnReturn) return chain;
  const int64_t best = std::ranges::max(
      chain.episodes, {}, [&](int64_t episode) { return set.episode_return(episode); });
  std::ranges::fill(chain.targets, set.episode_return(best));
  return chain;
}

/// Sums over steps [from, to) of one chain, of output [N, P] and actions [N, A].
PlaceSums Compare(ActionHead head, const torch::Tensor& output, const torch::Tensor& actions,
                  int64_t from, int64_t to) {
  const torch::Tensor given = output.slice(0, from, to), taken = actions.slice(0, from, to);
  const auto loss = [&] {
    const torch::Tensor all = torch::ones({1, to - from}, given.options().dtype(torch::kBool));
    return ActionLoss(head, given.unsqueeze(0), taken.unsqueeze(0), all).sum.item<double>();
  };
  PlaceSums sums{.steps = to - from};
  if (head == ActionHead::kCategorical) {
    sums.error = loss();
    sums.right = (given.argmax(-1) == taken.argmax(-1)).sum().item<double>();
    return sums;
  }
  // Squared error of the action that would be played, whatever the head's loss is.
  const torch::Tensor chosen = ChooseAction(head, given, ActionChoice::kMean);
  sums.error = (chosen - taken).square().mean(-1).sum().item<double>();
  if (head == ActionHead::kGaussian) sums.likelihood = loss();
  return sums;
}

}  // namespace

ActionErrorResult MeasureActionError(const LoadedPolicy& policy, const EpisodeSet& set,
                                     const ActionErrorOptions& options,
                                     const std::function<void(int64_t)>& on_chain) {
  const PolicyRecord& record = policy.record;
  if (policy.actor) {
    throw std::invalid_argument(
        "measuring action errors: expected a sequence model, got an actor, which has no "
        "context: --env plays it");
  }
  CheckFits(record, set.info());
  const torch::NoGradGuard no_grad;
  const ChainOptions chain = AsTrained(record.options.chain, options);
  const ChainBatches source(set, record.normalizer, chain, 1);
  ChainOptions longer = chain;
  longer.episodes = DrawnEpisodes(set, chain, options.drawn);
  const ChainSampler sampler(set, longer);
  PolicyNetwork network = policy.network;
  const auto tensor_options = network->parameters().front().options().requires_grad(false);
  ActionErrorResult result{.head = record.options.model.head,
                           .data_hash = set.hash(),
                           .training_data = set.hash() == record.data_hash};
  std::mt19937_64 random(options.seed);
  Batch batch;
  for (int64_t i = 0; i < options.chains; ++i) {
    // One chain a pass: its actions, and the policy's output at every step.
    const ChainWindow drawn =
        DrawWindow(set, LastEpisodes(set, sampler.Sample(random), chain.episodes, chain.target),
                   chain.window, random);
    source.Load(std::span(&drawn, 1), batch);
    const auto actions = torch::from_blob(batch.target_actions.data(),
                                          {batch.steps, record.normalizer.action_size()})
                             .to(tensor_options);  // [N, A]
    const auto output =
        network->forward(ToStepTensors(batch.rows, 1, tensor_options)).squeeze(0);  // [N, P]
    const auto compare = [&](int64_t from, int64_t to) {
      return Compare(result.head, output, actions, from, to);
    };
    // By number of the episode in the chain.
    auto& by_episode = result.by_episode.emplace_back(chain.episodes);
    const std::vector<int64_t>& episodes = batch.rows.episodes;  // [N], ascending
    for (auto first = episodes.begin(); first != episodes.end();) {
      const auto next = std::upper_bound(first, episodes.end(), *first);
      by_episode[*first] = compare(first - episodes.begin(), next - episodes.begin());
      first = next;
    }
    // By step in the chain: 0, 1, 2-3, 4-7, ...
    auto& by_position = result.by_position.emplace_back();
    for (int64_t from = 0; from < batch.steps; from = std::max<int64_t>(1, 2 * from)) {
      by_position.push_back(compare(from, std::min(batch.steps, std::max<int64_t>(1, 2 * from))));
    }
    if (on_chain) on_chain(i + 1);
  }
  return result;
}

}  // namespace longplay
