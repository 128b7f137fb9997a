// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "agent/charts/chart.h"
#include "agent/summary/comparison_summary.h"
#include "agent/summary/run_samples.h"

namespace longplay {

/// The rows of a task under one budget, in order: what a chart is drawn of.
struct ChartData {
  const Comparison& comparison;
  size_t task = 0;
  BudgetView view;
  std::vector<RowSummary> rows;

  /// Whether the task has a simulator: returns are measured, not errors of held-out actions.
  bool plays() const { return PlaysIn(comparison.tasks[task]); }
  /// Whether its rows are scored on different episodes, whose draws differ.
  bool scored_apart() const;
  const ComparedRow& RowOf(const RowSummary& summary) const { return comparison.rows[summary.row]; }
};

/// A quantity of rows; nothing where it is not known.
struct RowQuantity {
  std::string name, unit;  // name: of the line, where rows differ in the context length alone
  std::function<std::optional<Estimate>(const RowSummary&)> of;
};

/// The quantity against the context length, a line for each setting beside it and a level for each
/// variant: over episodes where only they decide that length, else over time steps. Bars of all
/// rows where it is the same for the whole grid.
Chart AgainstContext(const ChartData& data, const std::string& title, const RowQuantity& quantity);

/// Rows that share a chart of a line each: all that are done, or, where those are too many to be
/// told apart, those of one setting beside the context length.
struct RowGroup {
  std::string title;  // empty, or ": attention"
  std::vector<const RowSummary*> rows;
};
std::vector<RowGroup> GroupsOf(const ChartData& data);

/// A series without points, in the colour of the row.
ChartSeries SeriesOf(const ChartData& data, const RowSummary& summary);

/// With its interval, or with a dot for each run where those are too few for one.
void Append(ChartSeries& series, double x, const Estimate& estimate);

}  // namespace longplay
