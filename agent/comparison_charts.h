// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include "agent/comparison_summary.h"
#include "agent/report.h"

namespace longplay {

/// The rows of a task under one budget, in order: what a chart is drawn of.
struct ChartData {
  const Comparison& comparison;
  size_t task = 0;
  BudgetView view;
  std::vector<RowSummary> rows;

  /// Whether the task has a simulator: returns are measured, not errors of held-out actions.
  bool plays() const { return !comparison.tasks[task].environment.empty(); }
};

/// The last episode's return (or held-out error) against the context length, a line for each
/// setting beside it; bars of the rows where the context length is the same for all.
Chart PlayByContext(const ChartData& data);

/// The last episode's normalised score over all tasks, likewise. `data` is of any of the tasks.
Chart ScoreByContext(const ChartData& data);

/// Return by episode in context, a chart for each line of rows when there are many.
std::vector<Chart> PlayByEpisode(const ChartData& data);

/// Training loss by optimiser step, likewise.
std::vector<Chart> TrainingCurves(const ChartData& data);

/// Peak memory, training speed, cost of an action and size of the state against the context length.
std::vector<Chart> CostByContext(const ChartData& data);

}  // namespace longplay
