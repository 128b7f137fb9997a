// SPDX-License-Identifier: MIT
#include "agent/run_report/run_charts.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>

#include "agent/summary/context_chart.h"

namespace longplay {
namespace {

constexpr size_t kGroupsOfAChart = 8;  // as many colours and marks as there are

std::string ValueLabel(const std::vector<ReportedGroup>& groups) {
  return ArePlayed(groups) ? "return [sum of rewards]" : "action error";
}

/// Calls `add` for the indices of as many groups as share a chart; `part` is empty or ", 2 of 3".
void ForEachChart(
    size_t groups,
    const std::function<void(size_t first, size_t end, const std::string& part)>& add) {
  const size_t charts = (groups + kGroupsOfAChart - 1) / kGroupsOfAChart;
  for (size_t i = 0; i < charts; ++i) {
    const std::string part =
        charts == 1 ? "" : ", " + std::to_string(i + 1) + " of " + std::to_string(charts);
    add(i * kGroupsOfAChart, std::min(groups, (i + 1) * kGroupsOfAChart), part);
  }
}

ChartSeries SeriesOfGroup(const ReportedGroup& group, size_t index) {
  return {.name = group.name, .colour = index % kGroupsOfAChart};
}

/// The mean of some curves at the steps that all of them have.
TrainingCurve MeanCurve(const std::vector<TrainingCurve>& curves) {
  TrainingCurve mean;
  for (size_t i = 0; i < curves.front().steps.size(); ++i) {
    const double step = curves.front().steps[i];
    double sum = 0;
    size_t found = 0;
    for (const TrainingCurve& curve : curves) {
      const auto at = std::ranges::lower_bound(curve.steps, step);
      if (at == curve.steps.end() || *at != step) break;
      sum += curve.values[static_cast<size_t>(at - curve.steps.begin())];
      ++found;
    }
    if (found < curves.size()) continue;
    mean.steps.push_back(step);
    mean.values.push_back(sum / static_cast<double>(found));
  }
  return mean;
}

/// One line for each group that has any curve.
std::vector<Chart> TrainingCharts(const std::vector<ReportedGroup>& groups, const Chart& empty,
                                  const std::function<TrainingCurve(const ReportedRun&)>& of) {
  std::vector<Chart> charts;
  ForEachChart(groups.size(), [&](size_t first, size_t end, const std::string& part) {
    Chart chart = empty;
    chart.title += part;
    for (size_t i = first; i < end; ++i) {
      std::vector<TrainingCurve> curves;
      ChartSeries series = SeriesOfGroup(groups[i], i);
      for (const ReportedRun* run : groups[i].runs) {
        const TrainingCurve curve = of(*run);
        if (curve.steps.empty()) continue;
        curves.push_back(curve);
        series.runs.push_back({.name = "seed " + std::to_string(run->options.train.seed),
                               .x = curve.steps,
                               .y = curve.values});
      }
      if (curves.empty()) continue;
      const TrainingCurve mean = MeanCurve(curves);
      series.x = mean.steps;
      series.y = mean.values;
      if (curves.size() == 1) series.runs.clear();
      chart.series.push_back(series);
    }
    if (!chart.series.empty()) charts.push_back(chart);
  });
  return charts;
}

}  // namespace

std::vector<Chart> ScoreBars(const std::vector<ReportedGroup>& groups) {
  Chart chart{.title = ArePlayed(groups) ? "Return of the scored episode" : "Action error",
              .y_label = ValueLabel(groups),
              .kind = ChartKind::kBars};
  ChartSeries bars{.name = ArePlayed(groups) ? "return" : "action error"};
  for (size_t i = 0; i < groups.size(); ++i) {
    if (groups[i].played().empty()) continue;
    const auto estimate =
        EstimateOfEpisode(groups[i], groups[i].played().front()->play->scored_episode);
    if (!estimate) continue;
    chart.categories.push_back(groups[i].name);
    Append(bars, 0, *estimate);
    bars.point_colours.push_back(i % kGroupsOfAChart);
  }
  if (chart.categories.empty()) return {};
  chart.series = {bars};
  return {chart};
}

std::vector<Chart> EpisodeCurves(const std::vector<ReportedGroup>& groups) {
  std::vector<Chart> charts;
  ForEachChart(groups.size(), [&](size_t first, size_t end, const std::string& part) {
    Chart chart{
        .title =
            (ArePlayed(groups) ? "Return by episode in context" : "Action error by episode") + part,
        .x_label = "episode in context",
        .y_label = ValueLabel(groups),
        .beyond = "beyond training",
        .apart = true};
    size_t episodes = 0;
    for (size_t i = first; i < end; ++i) {
      if (groups[i].played().empty()) continue;
      const MeasuredPlay& play = *groups[i].played().front()->play;
      ChartSeries series = SeriesOfGroup(groups[i], i);
      series.beyond = static_cast<double>(play.scored_episode);
      for (size_t episode = 1; episode <= play.episodes(); ++episode) {
        const auto estimate = EstimateOfEpisode(groups[i], episode);
        if (estimate) Append(series, static_cast<double>(episode), *estimate);
      }
      episodes = std::max(episodes, series.x.size());
      chart.series.push_back(series);
    }
    // One episode makes no line.
    if (episodes > 1) charts.push_back(chart);
  });
  return charts;
}

std::vector<Chart> LossCurves(const std::vector<ReportedGroup>& groups) {
  const Chart empty{.title = "Training loss",
                    .x_label = "optimiser step",
                    .y_label = "loss",
                    .caption =
                        "A thin line for each run where a policy has several. Losses of different "
                        "heads and methods are different quantities."};
  return TrainingCharts(groups, empty, [](const ReportedRun& run) {
    return TrainingCurve{.steps = run.metrics.steps, .values = run.metrics.losses};
  });
}

std::vector<Chart> MeasuredCurvesOf(const std::vector<ReportedGroup>& groups) {
  static constexpr struct {
    const char *column, *title, *label, *caption;
  } kColumns[] = {
      {"return_last", "Return while training", "return [sum of rewards]",
       "The scored episode, over the first of the evaluation seeds."},
      {"validation_loss", "Loss on episodes kept out of training", "loss", ""},
      {"validation_error", "Action error on episodes kept out of training", "action error", ""},
  };
  std::vector<Chart> charts;
  for (const auto& column : kColumns) {
    const Chart empty{.title = column.title,
                      .x_label = "optimiser step",
                      .y_label = column.label,
                      .caption = column.caption};
    const auto more = TrainingCharts(groups, empty, [&](const ReportedRun& run) {
      const auto curves = MeasuredCurves(run.metrics);
      const auto found = curves.find(column.column);
      return found == curves.end() ? TrainingCurve{} : found->second;
    });
    charts.insert(charts.end(), more.begin(), more.end());
  }
  return charts;
}

}  // namespace longplay
