// SPDX-License-Identifier: MIT
#include "agent/summary/comparison_charts.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <string>
#include <utility>

#include "agent/config/methods.h"
#include "agent/report/report_text.h"

namespace longplay {
namespace {

std::string Measure(const ChartData& data) { return data.plays() ? "return" : "action error"; }

std::string PlayCaption(const ChartData& data) {
  const ComparedTask& task = data.comparison.tasks[data.task];
  const std::string of = data.plays() ? std::to_string(task.evaluation_seeds) +
                                            " held-out evaluation seeds (the same for all rows)"
                                      : "held-out chains";
  return "Means over " + of + " of each training run's last checkpoint. " +
         IntervalNote(data.comparison);
}

RowQuantity Episode(const ChartData& data, const std::string& name, Estimate PlaySummary::*which) {
  return {.name = name, .unit = Measure(data), .of = [which](const RowSummary& summary) {
            return summary.play ? std::optional(*summary.play.*which) : std::nullopt;
          }};
}

void AddDataLevels(const ChartData& data, Chart& chart) {
  const ComparedTask& task = data.comparison.tasks[data.task];
  auto levels = task.levels;
  levels.emplace_back("data, best episode", task.best_return);
  levels.emplace_back("data, mean", task.mean_return);
  for (const auto& [name, y] : levels) {
    chart.levels.push_back(
        {.name = name, .x = {}, .y = {y}, .low = {}, .high = {}, .dashed = true});
  }
}

/// What was measured once: an estimate without an interval.
Chart CostChart(const ChartData& data, const std::string& title, const std::string& unit,
                const std::function<double(const RowSummary&)>& of) {
  Chart chart = AgainstContext(
      data, title, {.name = title, .unit = unit, .of = [&](const RowSummary& summary) {
                      return summary.runs > 0 ? std::optional<Estimate>({.value = of(summary)})
                                              : std::nullopt;
                    }});
  for (ChartSeries& series : chart.series) series.low = series.high = {};
  chart.log_y = chart.kind == ChartKind::kLines;
  return chart;
}

/// A critic's loss is another quantity: beside it the others could not be told apart.
ChartData WithoutCritics(const ChartData& all) {
  ChartData data{.comparison = all.comparison, .task = all.task, .view = all.view, .rows = {}};
  std::ranges::copy_if(all.rows, std::back_inserter(data.rows), [&](const RowSummary& summary) {
    return std::ranges::none_of(all.RowOf(summary).settings, [](const auto& setting) {
      return setting.first == "train.method" && LossIsACritics(setting.second);
    });
  });
  return data;
}

}  // namespace

Chart PlayByContext(const ChartData& data) {
  const std::string title = Capitalised(Measure(data)) + " of the last episode";
  Chart chart = AgainstContext(data, "", Episode(data, "last episode", &PlaySummary::last));
  if (chart.series.size() == 1 && chart.series[0].name == "last episode") {
    const Chart first =
        AgainstContext(data, "", Episode(data, "first episode", &PlaySummary::first));
    chart.series.push_back(first.series[0]);
  }
  const bool lines = chart.kind == ChartKind::kLines;
  chart.title = title + (lines ? " against context length, " : ", ") + data.view.name;
  if (data.plays()) AddDataLevels(data, chart);
  chart.caption = PlayCaption(data);
  return chart;
}

Chart ScoreByContext(const ChartData& data) {
  Chart chart = AgainstContext(
      data, "Score of the last episode over all tasks, " + data.view.name,
      {.name = "last episode", .unit = "score", .of = [&](const RowSummary& summary) {
         const auto overall = SummariseOverall(data.comparison, summary.row, data.view.budget);
         return overall ? std::optional(overall->interquartile_mean) : std::nullopt;
       }});
  chart.caption =
      "Interquartile mean over all training runs of all tasks. " + IntervalNote(data.comparison);
  return chart;
}

std::vector<Chart> PlayByEpisode(const ChartData& data) {
  std::vector<Chart> charts;
  for (const RowGroup& group : GroupsOf(data)) {
    if (group.rows.empty() || group.rows.front()->play->by_episode.size() < 2) continue;
    Chart chart{.title = Capitalised(Measure(data)) + " by episode in context" + group.title +
                         ", " + data.view.name,
                .x_label = "episode in context",
                .y_label = Measure(data),
                .caption = PlayCaption(data),
                .series = {},
                .levels = {}};
    for (const RowSummary* summary : group.rows) {
      ChartSeries series = SeriesOf(data, *summary);
      double episode = 1;
      for (const Estimate& estimate : summary->play->by_episode) {
        Append(series, episode++, estimate);
      }
      chart.series.push_back(series);
    }
    charts.push_back(chart);
  }
  return charts;
}

std::vector<Chart> TrainingCurves(const ChartData& all) {
  const ChartData data = WithoutCritics(all);
  const std::string left_out =
      data.rows.size() < all.rows.size() ? "; those of critics are left out." : ".";
  std::vector<Chart> charts;
  for (const RowGroup& group : GroupsOf(data)) {
    if (group.rows.empty()) continue;
    Chart chart{.title = "Training loss" + group.title + ", " + data.view.name,
                .x_label = "optimiser step",
                .y_label = "loss",
                .caption =
                    "Mean over training runs. Losses of different heads are different "
                    "quantities" +
                    left_out,
                .series = {},
                .levels = {}};
    for (const RowSummary* summary : group.rows) {
      ChartSeries series = SeriesOf(data, *summary);
      series.x = summary->curve_steps;
      series.y = summary->curve_losses;
      chart.series.push_back(series);
    }
    charts.push_back(chart);
  }
  return charts;
}

std::vector<Chart> CostByContext(const ChartData& data) {
  std::vector<Chart> charts = {
      CostChart(data, "Peak memory of training", "MiB",
                [](const RowSummary& summary) {
                  return static_cast<double>(summary.peak_bytes) / (1 << 20);
                }),
      CostChart(data, "Training speed", "tokens/s",
                [](const RowSummary& summary) { return summary.tokens_per_second; }),
      CostChart(data, "Time for one action", "ms",
                [](const RowSummary& summary) { return summary.milliseconds_per_action; }),
      CostChart(data, "Memory of one acting chain", "KiB", [](const RowSummary& summary) {
        return static_cast<double>(summary.state_bytes) / 1024;
      })};
  charts[0].caption = "Tensors alive at once, counted in the allocator.";
  charts[1].caption = "Median over the run.";
  charts[2].caption =
      "One chain acting, with its context full as in the last episode of an evaluation.";
  charts[3].caption = "What it remembers after that many episodes, weights not counted.";
  for (Chart& chart : charts) chart.caption += " Measured while the comparison ran.";
  return charts;
}

}  // namespace longplay
