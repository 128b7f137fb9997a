// SPDX-License-Identifier: MIT
#include "agent/comparison/length_comparison.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "agent/batches/load_data.h"

namespace longplay {
namespace {

constexpr int64_t kLeastTokens = 4096;    // of a step, in time steps
constexpr int64_t kChainsInAStep = 4;     // of the longest kind, at least
constexpr int64_t kMostTokens = 1 << 16;  // a step takes seconds then

/// Episodes of the shortest of the histories, or 0 if there is one alone: no learner's run then.
int64_t ShortestHistory(const EpisodeSet& set) {
  std::map<int64_t, int64_t> lengths;
  for (int64_t e = 0; e < set.episodes(); ++e) ++lengths[set.history(e)];
  if (lengths.size() < 2) return 0;
  return std::ranges::min_element(lengths, {}, [](const auto& entry) { return entry.second; })
      ->second;
}

}  // namespace

ComparisonConfig CompareLengths(const LengthQuestion& question, std::vector<std::string>& notes) {
  const EpisodeSet set = LoadData({.files = question.data});
  const int64_t longest = std::ranges::max(question.episodes);
  const bool continuous = set.info().action_kind == ActionKind::kContinuous;
  // Chains of one history need histories that fill the longest of them.
  const bool histories = ShortestHistory(set) >= longest;

  const int64_t chain = longest * std::max<int64_t>(1, set.steps() / set.episodes());
  // Policies that train in minutes, and everything else as by default.
  nlohmann::json config = {
      {"data", {{"files", question.data}}},
      {"model", {{"layers", 3}, {"width", 64}, {"heads", 4}}},
      {"train",
       {{"steps", 500},
        {"learning_rate", 1e-3},
        {"tokens_per_step", std::clamp(kChainsInAStep * chain, kLeastTokens, kMostTokens)}}},
      {"evaluate", {{"episodes", longest}, {"seeds", 32}}},
      {"compare",
       {{"grid", {{"chain.episodes", question.episodes}}}, {"seeds", 3}, {"budgets", {"steps"}}}}};
  // A distribution, as discrete actions have it anyway: actions may be drawn.
  if (continuous) config["model"]["head"] = "gaussian";
  if (histories) {
    config["chain"] = {{"source", "history"}, {"order", "collected"}};
    config["evaluate"]["act"] = "sample";
    notes.push_back(
        set.info().path +
        " holds histories: chains are episodes of one history in "
        "order of time, and actions are sampled (chain.source, chain.order, evaluate.act)");
  } else {
    notes.push_back("chains are episodes from anywhere in " + set.info().path +
                    ", from worst to best, each asked for the best (chain.source, chain.order, "
                    "chain.target)");
  }
  if (set.episodes() < longest) {
    throw std::invalid_argument(
        "comparing: " + set.info().path + ": expected at least " + std::to_string(longest) +
        " episodes, as the longest context, got " + std::to_string(set.episodes()));
  }
  // JSON is YAML; the name stands for the file in messages, and is the report's title.
  return ParseComparison(config.dump(), question.data.front(), question.overrides);
}

}  // namespace longplay
