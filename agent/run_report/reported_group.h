// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "agent/run_report/reported_run.h"
#include "agent/scores/statistics.h"
#include "agent/summary/row_comparison.h"

namespace longplay {

/// Runs that differ in nothing but train.seed: training seeds of one policy.
struct ReportedGroup {
  std::string name;
  std::vector<const ReportedRun*> runs = {};

  const ReportedRun& first() const { return *runs.front(); }
  std::vector<const ReportedRun*> played() const;  // those that were
};

/// In the order of `runs`, which must outlive them. Names are unique.
std::vector<ReportedGroup> GroupsOfRuns(const std::vector<ReportedRun>& runs);

/// A key that is not the same for all groups, with the value of each of them.
struct DifferingSetting {
  std::string key;
  std::vector<std::string> values;
};
std::vector<DifferingSetting> DifferingSettings(const std::vector<ReportedGroup>& groups);

/// Whether the groups' values are returns; else errors of predicted actions. True of none.
bool ArePlayed(const std::vector<ReportedGroup>& groups);

/// Why the groups' values cannot be compared: "evaluate.environment: Hopper-v5, Walker2d-v5"; empty
/// where they can, and where fewer than two have any.
std::string WhyNotComparable(const std::vector<ReportedGroup>& groups);

/// Of an episode, from 1. Several runs: each is worth its mean, and the interval resamples runs.
/// One: it resamples the contexts. Nothing where no run has a value.
std::optional<Estimate> EstimateOfEpisode(const ReportedGroup& group, size_t episode);

/// The scored episode of both: runs from equal seeds are paired where two seeds or more are equal,
/// else in their order. With one run each the contexts are paired. A group that plays episodes apart
/// is taken at the other's scored episode. Nothing where there is no pair.
std::optional<RowComparison> CompareGroups(const ReportedGroup& x, const ReportedGroup& y);

}  // namespace longplay
