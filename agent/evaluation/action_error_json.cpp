// SPDX-License-Identifier: MIT
// The part of agent/evaluation/action_error.h that turns results into JSON.
#include <nlohmann/json.hpp>

#include "agent/evaluation/action_error.h"
#include "agent/scores/statistics.h"

namespace longplay {
namespace {

using Field = double PlaceSums::*;
using ChainSums = std::vector<std::vector<PlaceSums>>;  // [chains][places]
using Table = ChainSums ActionErrorResult::*;

/// Mean of `field` over the steps of one place, of each chain that has any.
std::vector<double> PerChain(const ChainSums& chains, size_t place, Field field) {
  std::vector<double> values;
  for (const std::vector<PlaceSums>& chain : chains) {
    if (place >= chain.size() || chain[place].steps == 0) continue;
    values.push_back(chain[place].*field / static_cast<double>(chain[place].steps));
  }
  return values;
}

/// What intervals resample: the chains of the only run, or the runs.
std::vector<double> Units(std::span<const ActionErrorResult> runs, Table table, size_t place,
                          Field field) {
  if (runs.size() == 1) return PerChain(runs.front().*table, place, field);
  std::vector<double> means;
  for (const ActionErrorResult& run : runs) {
    const std::vector<double> values = PerChain(run.*table, place, field);
    if (!values.empty()) means.push_back(Mean(values));
  }
  return means;
}

/// A place's row, or null when no chain has steps there.
nlohmann::json Row(std::span<const ActionErrorResult> runs, Table table, size_t place) {
  const auto estimate = [&](Field field) {
    return ToJson(BootstrapMean(Units(runs, table, place, field)));
  };
  int64_t steps = 0;
  for (const ActionErrorResult& run : runs) {
    for (const std::vector<PlaceSums>& chain : run.*table) {
      if (place < chain.size()) steps += chain[place].steps;
    }
  }
  if (steps == 0) return nullptr;
  nlohmann::json row = estimate(&PlaceSums::error);
  row["steps"] = steps;
  const ActionHead head = runs.front().head;
  if (head == ActionHead::kGaussian) {
    row["negative_log_likelihood"] = estimate(&PlaceSums::likelihood);
  }
  if (head == ActionHead::kCategorical) row["accuracy"] = estimate(&PlaceSums::right);
  return row;
}

size_t Places(const ChainSums& chains) {
  size_t places = 0;
  for (const std::vector<PlaceSums>& chain : chains) places = std::max(places, chain.size());
  return places;
}

}  // namespace

nlohmann::json ToJson(std::span<const ActionErrorResult> runs) {
  const ActionErrorResult& head = runs.front();
  const bool one = runs.size() == 1;
  nlohmann::json json = {
      {"measure", head.head == ActionHead::kCategorical ? "cross-entropy"
                                                        : "squared error of the mean action"},
      {"interval",
       IntervalJson(one ? std::string(head.training_data ? "chains of the training data"
                                                         : "chains of held-out episodes") +
                              ", one checkpoint"
                        : "training runs",
                    one ? head.by_episode.size() : runs.size())},
      {"training_data", head.training_data},
      {"error", nlohmann::json::array()},
      {"by_position", nlohmann::json::array()}};
  for (size_t e = 0; e < Places(head.by_episode); ++e) {
    nlohmann::json row = Row(runs, &ActionErrorResult::by_episode, e);
    if (row.is_null()) continue;
    row["episode"] = e;
    json["error"].push_back(std::move(row));
  }
  for (size_t place = 0; place < Places(head.by_position); ++place) {
    nlohmann::json row = Row(runs, &ActionErrorResult::by_position, place);
    // Places of MeasureActionError: 0, 1, 2-3, 4-7, ...
    row["from"] = place == 0 ? 0 : int64_t{1} << (place - 1);
    row["to"] = (int64_t{1} << place) - 1;
    json["by_position"].push_back(std::move(row));
  }
  return json;
}

}  // namespace longplay
