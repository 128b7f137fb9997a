// SPDX-License-Identifier: MIT
#include "agent/summary/row_comparison.h"

#include <algorithm>
#include <vector>

#include "agent/summary/run_samples.h"

namespace longplay {
namespace {

std::vector<double> ScoresOfRuns(const Comparison& comparison, size_t task,
                                 const std::vector<const ComparedRun*>& runs) {
  const ReturnReference range = ScoresOf(comparison, task);
  std::vector<double> values = Samples(runs, SampleOf::kTrainingRuns, Last);
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
  const auto [runs, others] = PairedRuns(comparison, x, y, task, budget);
  const SampleOf sample = SampleIn(comparison);
  const std::vector<double> of_x = Samples(runs, sample, Last),
                            of_y = Samples(others, sample, Last);
  // Held-out chains of different rows are different draws: some may lack a row's last episode.
  if (runs.empty() || of_x.size() != of_y.size() || of_x.empty()) return std::nullopt;
  return RowComparison{.runs = static_cast<int64_t>(runs.size()),
                       .x = Mean(of_x),
                       .y = Mean(of_y),
                       .difference = BootstrapDifference({of_x}, {of_y}, Aggregate::kMean)};
}

std::optional<std::pair<Scores, Scores>> ScoresOnTasks(const Comparison& comparison, size_t x,
                                                       size_t y, Budget budget) {
  std::pair<Scores, Scores> scores;
  for (size_t task = 0; task < comparison.tasks.size(); ++task) {
    if (!PlaysIn(comparison.tasks[task])) return std::nullopt;
    const auto [runs, others] = PairedRuns(comparison, x, y, task, budget);
    if (runs.empty()) return std::nullopt;
    scores.first.push_back(ScoresOfRuns(comparison, task, runs));
    scores.second.push_back(ScoresOfRuns(comparison, task, others));
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
