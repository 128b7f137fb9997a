// SPDX-License-Identifier: MIT
#include "agent/summary/row_comparison.h"

#include <algorithm>
#include <vector>

#include "agent/summary/run_samples.h"

namespace longplay {
namespace {

std::vector<double> Scored(std::vector<double> values, const ReturnReference& range) {
  for (double& value : values) value = range.Score(value);
  return values;
}

int64_t FewestRuns(const Scores& scores) {
  const auto size = [](const std::vector<double>& runs) { return runs.size(); };
  return static_cast<int64_t>(std::ranges::min_element(scores, {}, size)->size());
}

}  // namespace

std::optional<RowComparison> CompareRows(const Comparison& comparison, size_t x, size_t y,
                                         size_t task, Budget budget) {
  const RunPairs pairs = PairedRuns(comparison, x, y, task, budget);
  const auto [of_x, of_y] = PairedSamples(pairs, SampleIn(comparison));
  // Held-out chains of different rows are different draws: some may lack a row's last episode.
  if (pairs.first.empty() || of_x.size() != of_y.size() || of_x.empty()) return std::nullopt;
  return RowComparison{.runs = static_cast<int64_t>(pairs.first.size()),
                       .x = Mean(of_x),
                       .y = Mean(of_y),
                       .difference = BootstrapDifference({of_x}, {of_y}, Aggregate::kMean)};
}

std::optional<std::pair<Scores, Scores>> ScoresOnTasks(const Comparison& comparison, size_t x,
                                                       size_t y, Budget budget) {
  std::pair<Scores, Scores> scores;
  for (size_t task = 0; task < comparison.tasks.size(); ++task) {
    if (!PlaysIn(comparison.tasks[task])) return std::nullopt;
    const RunPairs pairs = PairedRuns(comparison, x, y, task, budget);
    // A mean over other tasks than another row's would say nothing.
    if (pairs.first.empty()) return std::nullopt;
    const auto [of_x, of_y] = PairedSamples(pairs, SampleOf::kTrainingRuns);
    scores.first.push_back(Scored(of_x, ScoresOf(comparison, task)));
    scores.second.push_back(Scored(of_y, ScoresOf(comparison, task)));
  }
  return scores;
}

std::optional<RowComparison> CompareRowsOverall(const Comparison& comparison, size_t x, size_t y,
                                                Budget budget) {
  const auto scores = ScoresOnTasks(comparison, x, y, budget);
  if (!scores) return std::nullopt;
  const auto& [of_x, of_y] = *scores;
  constexpr Aggregate kAggregate = Aggregate::kInterquartileMean;
  return RowComparison{.runs = FewestRuns(of_x),
                       .x = Aggregated(of_x, kAggregate),
                       .y = Aggregated(of_y, kAggregate),
                       .difference = BootstrapDifference(of_x, of_y, kAggregate)};
}

bool IsClear(const Estimate& difference) {
  return difference.spread != Spread::kNone && (difference.low > 0 || difference.high < 0);
}

}  // namespace longplay
