// SPDX-License-Identifier: MIT
#include "agent/scoring/score_charts.h"

#include <utility>

namespace longplay {
namespace {

Chart IndexChart(const std::vector<const TaskScore*>& rows) {
  Chart chart{
      .title = "Return by episode",
      .x_label = "episode in the context",
      .y_label = "return",
      .caption = "Dashed: the last episode after the episodes of another task, the control."};
  bool any_control = false;
  for (size_t i = 0; i < rows.size(); ++i) {
    chart.series.push_back(CurveSeries(rows[i]->system, rows[i]->curves.last, i));
    if (!rows[i]->control) continue;
    any_control = true;
    ChartSeries level{.name = rows[i]->system + ", another task's context",
                      .y = {rows[i]->control->value},
                      .dashed = true,
                      .colour = i};
    chart.levels.push_back(std::move(level));
  }
  if (!any_control) chart.caption.clear();
  return chart;
}

Chart BestChart(const std::vector<const TaskScore*>& rows) {
  Chart chart{.title = "Best of n tries",
              .x_label = "tries, n",
              .y_label = "largest return of n",
              .caption =
                  "It grows with n even where nothing is learned in context: compare it with "
                  "episode n of the first chart."};
  for (size_t i = 0; i < rows.size(); ++i) {
    chart.series.push_back(CurveSeries(rows[i]->system, rows[i]->curves.best, i));
  }
  return chart;
}

Chart BudgetChart(const std::vector<const TaskScore*>& rows) {
  Chart chart{
      .title = "Return of a trial, if there are n",
      .x_label = "budget, n trials",
      .y_label = "mean return of n",
      .caption = "What is earned on average where every trial counts, exploration included."};
  for (size_t i = 0; i < rows.size(); ++i) {
    chart.series.push_back(CurveSeries(rows[i]->system, rows[i]->curves.mean, i));
  }
  return chart;
}

/// Nothing where no table names its trainings.
std::vector<Chart> TrainingChart(const std::vector<const TaskScore*>& rows) {
  Chart chart{.title = "Best of n trainings",
              .x_label = "budget, n trained policies tried",
              .y_label = "expected return of the best",
              .caption =
                  "Expected online performance (arXiv 2110.04156): n trainings are drawn, each "
                  "is played, and the best is kept."};
  for (size_t i = 0; i < rows.size(); ++i) {
    if (rows[i]->best_of_runs.size() < 2) continue;
    ChartSeries series{.name = rows[i]->system, .y = rows[i]->best_of_runs, .colour = i};
    for (size_t n = 1; n <= series.y.size(); ++n) series.x.push_back(static_cast<double>(n));
    chart.series.push_back(std::move(series));
  }
  return chart.series.empty() ? std::vector<Chart>{} : std::vector<Chart>{chart};
}

}  // namespace

ChartSeries CurveSeries(const std::string& name, const std::vector<Estimate>& curve,
                        size_t colour) {
  ChartSeries series{.name = name, .colour = colour};
  for (size_t i = 0; i < curve.size(); ++i) {
    series.x.push_back(static_cast<double>(i + 1));
    series.y.push_back(curve[i].value);
    series.low.push_back(curve[i].low);
    series.high.push_back(curve[i].high);
  }
  return series;
}

std::vector<Chart> TaskCharts(const std::vector<const TaskScore*>& rows) {
  std::vector<Chart> charts = {IndexChart(rows), BestChart(rows), BudgetChart(rows)};
  for (Chart& chart : TrainingChart(rows)) charts.push_back(std::move(chart));
  return charts;
}

}  // namespace longplay
