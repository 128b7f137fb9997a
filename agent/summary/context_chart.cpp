// SPDX-License-Identifier: MIT
#include "agent/summary/context_chart.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "agent/summary/row_colours.h"

namespace longplay {
namespace {

constexpr size_t kMostLines = 8;  // of one chart: as many colours and marks as there are

ChartSeries Named(const std::string& name, bool dashed) {
  return {.name = name, .x = {}, .y = {}, .low = {}, .high = {}, .dashed = dashed};
}

struct ContextAxis {
  bool episodes = true;  // on the axis, or time steps
  size_t lengths = 0;    // different ones among the grid's rows

  std::string label() const { return episodes ? "episodes in context" : "time steps in context"; }
  double At(const RowSummary& summary) const {
    return episodes ? static_cast<double>(summary.context_episodes) : summary.context_steps;
  }
};

ContextAxis AxisOf(const ChartData& data) {
  ContextAxis axis;
  // A window cuts the context in time steps: episodes no longer tell its length.
  for (const RowSummary& summary : data.rows) {
    for (const auto& [key, value] : data.RowOf(summary).settings) {
      if (data.RowOf(summary).in_grid && key.ends_with(".window")) axis.episodes = false;
    }
  }
  std::set<double> lengths;
  for (const RowSummary& summary : data.rows) {
    if (data.RowOf(summary).in_grid) lengths.insert(axis.At(summary));
  }
  axis.lengths = lengths.size();
  return axis;
}

/// Of the grid by length, whatever the order in which the configuration lists them.
std::vector<const RowSummary*> Sorted(const ChartData& data, const ContextAxis& axis) {
  std::vector<const RowSummary*> rows;
  for (const RowSummary& summary : data.rows) rows.push_back(&summary);
  std::ranges::stable_sort(rows, {}, [&](const RowSummary* summary) { return axis.At(*summary); });
  return rows;
}

void AddLines(const ChartData& data, const ContextAxis& axis, const RowQuantity& quantity,
              Chart& chart) {
  for (const RowSummary* summary : Sorted(data, axis)) {
    const std::optional<Estimate> estimate = quantity.of(*summary);
    if (!estimate) continue;
    const ComparedRow& row = data.RowOf(*summary);
    // A variant is a level across the chart.
    if (!row.in_grid) {
      chart.levels.push_back(Named(row.name, true));
      chart.levels.back().y = {estimate->value};
      chart.levels.back().colour = ColourOfRow(data.comparison, summary->row);
      continue;
    }
    // Lengths of one setting are one line; the only line's points have their rows' colours.
    const std::string name = row.line.empty() ? quantity.name : row.line;
    auto line = std::ranges::find(chart.series, name, &ChartSeries::name);
    if (line == chart.series.end()) line = chart.series.insert(line, Named(name, false));
    Append(*line, axis.At(*summary), *estimate);
    if (row.line.empty()) {
      line->point_colours.push_back(ColourOfRow(data.comparison, summary->row));
    } else {
      line->colour = ColourOfLine(data.comparison, row.line);
    }
  }
  // In the order of the configuration, whichever length came first.
  std::ranges::stable_sort(chart.series, {},
                           [](const ChartSeries& series) { return series.colour.value_or(0); });
}

void AddBars(const ChartData& data, const RowQuantity& quantity, Chart& chart) {
  ChartSeries bars = Named(quantity.name, false);
  for (const RowSummary& summary : data.rows) {
    const std::optional<Estimate> estimate = quantity.of(summary);
    if (!estimate) continue;
    chart.categories.push_back(data.RowOf(summary).name);
    Append(bars, 0, *estimate);
    bars.point_colours.push_back(ColourOfRow(data.comparison, summary.row));
  }
  chart.series = {bars};
}

std::string GroupTitle(const ComparedRow& row) {
  return !row.in_grid ? ": variants" : row.line.empty() ? "" : ": " + row.line;
}

}  // namespace

bool ChartData::scored_apart() const {
  std::set<size_t> scored;
  for (const RowSummary& summary : rows) {
    if (summary.play) scored.insert(summary.play->scored_episode);
  }
  return plays() && scored.size() > 1;
}

Chart AgainstContext(const ChartData& data, const std::string& title, const RowQuantity& quantity) {
  const ContextAxis axis = AxisOf(data);
  Chart chart{.title = title,
              .x_label = axis.label(),
              .y_label = quantity.unit,
              .caption = "",
              .series = {},
              .levels = {},
              .log_x = true,
              .apart = true};
  // A line needs two lengths.
  if (axis.lengths > 1) {
    AddLines(data, axis, quantity, chart);
  } else {
    chart.kind = ChartKind::kBars;
    AddBars(data, quantity, chart);
  }
  return chart;
}

std::vector<RowGroup> GroupsOf(const ChartData& data) {
  RowGroup all;
  for (const RowSummary& summary : data.rows) {
    if (summary.play) all.rows.push_back(&summary);
  }
  if (all.rows.size() <= kMostLines) return {all};
  std::vector<RowGroup> groups;
  for (const RowSummary* summary : all.rows) {
    const ComparedRow& row = data.RowOf(*summary);
    // Into the first group of its setting that has room.
    const auto fits = [&](const RowGroup& group) {
      const ComparedRow& first = data.RowOf(*group.rows.front());
      return first.in_grid == row.in_grid && first.line == row.line &&
             group.rows.size() < kMostLines;
    };
    auto group = std::ranges::find_if(groups, fits);
    if (group == groups.end()) group = groups.insert(group, {.title = GroupTitle(row), .rows = {}});
    group->rows.push_back(summary);
  }
  return groups;
}

ChartSeries SeriesOf(const ChartData& data, const RowSummary& summary) {
  ChartSeries series = Named(data.RowOf(summary).name, false);
  series.colour = ColourOfRow(data.comparison, summary.row);
  return series;
}

void Append(ChartSeries& series, double x, const Estimate& estimate) {
  series.x.push_back(x);
  series.y.push_back(estimate.value);
  // A range is seen in its dots.
  const bool interval = estimate.spread == Spread::kInterval;
  series.low.push_back(interval ? estimate.low : NAN);
  series.high.push_back(interval ? estimate.high : NAN);
  series.dots.push_back(estimate.runs);
}

}  // namespace longplay
