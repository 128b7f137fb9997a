// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <utility>

#include "agent/comparison/comparison.h"
#include "agent/scores/statistics.h"

namespace longplay {

/// Two rows, from the seeds from which both have a run.
struct RowComparison {
  int64_t runs = 0;     // of each of the two
  double x = 0, y = 0;  // means, of the episodes that PairedSamples takes
  Estimate difference;  // x - y, paired by training seed, or by evaluation seed if that is all
};

/// Nothing where no seed has a run of both.
std::optional<RowComparison> CompareRows(const Comparison& comparison, size_t x, size_t y,
                                         size_t task, Budget budget);

/// The same over all tasks: interquartile means of scores. Nothing until every task has a pair.
std::optional<RowComparison> CompareRowsOverall(const Comparison& comparison, size_t x, size_t y,
                                                Budget budget);

/// Scores of the paired runs of both rows, [tasks][runs]; of a row with itself those of all its
/// runs. Nothing where a task has no simulator or no pair.
std::optional<std::pair<Scores, Scores>> ScoresOnTasks(const Comparison& comparison, size_t x,
                                                       size_t y, Budget budget);

/// Whether the difference is more than the runs differ: an interval, or the range of all single
/// differences, without zero. One value alone says nothing.
bool IsClear(const Estimate& difference);

}  // namespace longplay
