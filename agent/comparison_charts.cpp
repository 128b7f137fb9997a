// SPDX-License-Identifier: MIT
#include "agent/comparison_charts.h"

#include <algorithm>
#include <functional>
#include <set>
#include <string>

#include "agent/report_text.h"

namespace longplay {
namespace {

constexpr size_t kMostLines = 8;  // of one chart: as many colours and marks as there are

const ComparedRow& RowOf(const ChartData& data, const RowSummary& summary) {
  return data.comparison.rows[summary.row];
}

/// The horizontal axis: episodes where only they decide the length of the context.
struct ContextAxis {
  bool episodes = false;
  std::string label;
  size_t lengths = 0;  // different ones among the grid's rows

  double At(const RowSummary& summary) const {
    return episodes ? static_cast<double>(summary.context_episodes) : summary.context_steps;
  }
};

ContextAxis AxisOf(const ChartData& data) {
  ContextAxis axis{.episodes = true, .label = ""};
  for (const RowSummary& summary : data.rows) {
    for (const auto& [key, value] : RowOf(data, summary).settings) {
      if (RowOf(data, summary).in_grid && key.ends_with(".window")) axis.episodes = false;
    }
  }
  axis.label = axis.episodes ? "episodes in context" : "time steps in context";
  std::set<double> lengths;
  for (const RowSummary& summary : data.rows) {
    if (RowOf(data, summary).in_grid) lengths.insert(axis.At(summary));
  }
  axis.lengths = lengths.size();
  return axis;
}

std::string Measure(const ChartData& data) { return data.plays() ? "return" : "action error"; }

std::string PlayCaption(const ChartData& data) {
  const ComparedTask& task = data.comparison.tasks[data.task];
  const std::string of = data.plays() ? std::to_string(task.evaluation_seeds) +
                                            " held-out evaluation seeds (the same for all rows)"
                                      : "held-out chains";
  return "Means over " + of + " of each training run's last checkpoint. " +
         IntervalNote(data.comparison);
}

ChartSeries Named(const std::string& name, bool dashed) {
  return {.name = name, .x = {}, .y = {}, .low = {}, .high = {}, .dashed = dashed};
}

void Append(ChartSeries& series, double x, const Estimate& estimate) {
  series.x.push_back(x);
  series.y.push_back(estimate.value);
  series.low.push_back(estimate.low);
  series.high.push_back(estimate.high);
}

/// The rows of the grid as lines over the context length; those without a value are left out.
using Value = std::function<std::optional<Estimate>(const RowSummary&)>;
std::vector<ChartSeries> Lines(const ChartData& data, const ContextAxis& axis,
                               const std::string& lone, const Value& value) {
  std::vector<ChartSeries> lines;
  for (const RowSummary& summary : data.rows) {
    const ComparedRow& row = RowOf(data, summary);
    const std::optional<Estimate> estimate = row.in_grid ? value(summary) : std::nullopt;
    if (!estimate) continue;
    const std::string name = row.line.empty() ? lone : row.line;
    auto line = std::ranges::find(lines, name, &ChartSeries::name);
    if (line == lines.end()) line = lines.insert(lines.end(), Named(name, false));
    Append(*line, axis.At(summary), *estimate);
  }
  return lines;
}

/// Groups of rows that share a chart: all, or those of one line, so that they can be told apart.
std::vector<std::vector<const RowSummary*>> Groups(const ChartData& data) {
  std::vector<const RowSummary*> done;
  for (const RowSummary& summary : data.rows) {
    if (summary.play) done.push_back(&summary);
  }
  if (done.size() <= kMostLines) return {done};
  std::vector<std::vector<const RowSummary*>> groups;
  for (const RowSummary* summary : done) {
    const ComparedRow& row = RowOf(data, *summary);
    const auto fits = [&](const std::vector<const RowSummary*>& group) {
      const ComparedRow& first = RowOf(data, *group.front());
      return first.in_grid == row.in_grid && first.line == row.line && group.size() < kMostLines;
    };
    const auto group = std::ranges::find_if(groups, fits);
    (group == groups.end() ? groups.emplace_back() : *group).push_back(summary);
  }
  return groups;
}

std::string GroupTitle(const ChartData& data, const std::vector<const RowSummary*>& group,
                       size_t groups) {
  if (groups == 1) return "";
  const ComparedRow& row = RowOf(data, *group.front());
  return !row.in_grid ? ": variants" : row.line.empty() ? "" : ": " + row.line;
}

Chart Empty(const ChartData& data, const std::string& title, const std::string& x,
            const std::string& y) {
  return {.title = title + ", " + data.view.name,
          .x_label = x,
          .y_label = y,
          .caption = "",
          .series = {},
          .levels = {}};
}

void AddLevels(const ChartData& data, Chart& chart) {
  const auto level = [&](const std::string& name, double y) {
    chart.levels.push_back(Named(name, true));
    chart.levels.back().y = {y};
  };
  for (const RowSummary& summary : data.rows) {
    if (!RowOf(data, summary).in_grid && summary.play) {
      level(RowOf(data, summary).name, summary.play->last.value);
    }
  }
  const ComparedTask& task = data.comparison.tasks[data.task];
  if (!data.plays()) return;
  level("data, best episode", task.best_return);
  level("data, mean", task.mean_return);
}

Chart PlayBars(const ChartData& data) {
  Chart chart = Empty(data, "Last episode in context", "row", Measure(data));
  chart.kind = ChartKind::kBars;
  ChartSeries bars = Named("last episode", false);
  for (const RowSummary& summary : data.rows) {
    if (!summary.play) continue;
    chart.categories.push_back(RowOf(data, summary).name);
    Append(bars, 0, summary.play->last);
  }
  chart.series = {bars};
  chart.caption = PlayCaption(data);
  return chart;
}

Chart CostChart(const ChartData& data, const std::string& title, const std::string& unit,
                const std::string& caption, const std::function<double(const RowSummary&)>& of) {
  const ContextAxis axis = AxisOf(data);
  Chart chart{.title = title,
              .x_label = axis.label,
              .y_label = unit,
              .caption = caption,
              .series = {},
              .levels = {}};
  if (axis.lengths > 1) {
    chart.log_x = chart.log_y = true;
    chart.series = Lines(data, axis, title, [&](const RowSummary& summary) {
      return summary.runs > 0 ? std::optional<Estimate>({.value = of(summary)}) : std::nullopt;
    });
    for (ChartSeries& series : chart.series) series.low = series.high = {};
    return chart;
  }
  chart.kind = ChartKind::kBars;
  ChartSeries bars = Named(unit, false);
  for (const RowSummary& summary : data.rows) {
    if (!summary.play) continue;
    chart.categories.push_back(RowOf(data, summary).name);
    bars.y.push_back(of(summary));
  }
  chart.series = {bars};
  return chart;
}

}  // namespace

Chart PlayByContext(const ChartData& data) {
  const ContextAxis axis = AxisOf(data);
  if (axis.lengths < 2) return PlayBars(data);
  Chart chart =
      Empty(data, Capitalised(Measure(data)) + " of the last episode against context length",
            axis.label, Measure(data));
  chart.log_x = true;
  chart.series = Lines(data, axis, "last episode", [](const RowSummary& summary) {
    return summary.play ? std::optional(summary.play->last) : std::nullopt;
  });
  if (chart.series.size() == 1 && chart.series.front().name == "last episode") {
    const auto first = Lines(data, axis, "first episode", [](const RowSummary& summary) {
      return summary.play ? std::optional(summary.play->first) : std::nullopt;
    });
    chart.series.push_back(first.front());
  }
  AddLevels(data, chart);
  chart.caption = PlayCaption(data);
  return chart;
}

Chart ScoreByContext(const ChartData& data) {
  const ContextAxis axis = AxisOf(data);
  const auto score = [&](const RowSummary& summary) -> std::optional<Estimate> {
    const auto overall = SummariseOverall(data.comparison, summary.row, data.view.budget);
    return overall ? std::optional(overall->interquartile_mean) : std::nullopt;
  };
  Chart chart = Empty(data, "Score of the last episode over all tasks", axis.label, "score");
  chart.caption =
      "Interquartile mean over all training runs of all tasks. " + IntervalNote(data.comparison);
  if (axis.lengths > 1) {
    chart.log_x = true;
    chart.series = Lines(data, axis, "last episode", score);
  }
  ChartSeries bars = Named("last episode", false);
  for (const RowSummary& summary : data.rows) {
    const std::optional<Estimate> estimate = score(summary);
    if (!estimate) continue;
    if (axis.lengths > 1 && !RowOf(data, summary).in_grid) {
      chart.levels.push_back(Named(RowOf(data, summary).name, true));
      chart.levels.back().y = {estimate->value};
    } else if (axis.lengths < 2) {
      chart.categories.push_back(RowOf(data, summary).name);
      Append(bars, 0, *estimate);
    }
  }
  if (axis.lengths < 2) {
    chart.kind = ChartKind::kBars;
    chart.series = {bars};
  }
  return chart;
}

std::vector<Chart> PlayByEpisode(const ChartData& data) {
  std::vector<Chart> charts;
  const auto groups = Groups(data);
  for (const auto& group : groups) {
    if (group.empty() || group.front()->play->by_episode.size() < 2) continue;
    Chart chart = Empty(data,
                        Capitalised(Measure(data)) + " by episode in context" +
                            GroupTitle(data, group, groups.size()),
                        "episode in context", Measure(data));
    for (const RowSummary* summary : group) {
      ChartSeries series = Named(RowOf(data, *summary).name, !RowOf(data, *summary).in_grid);
      double episode = 1;
      for (const Estimate& estimate : summary->play->by_episode) {
        Append(series, episode++, estimate);
      }
      chart.series.push_back(series);
    }
    chart.caption = PlayCaption(data);
    charts.push_back(chart);
  }
  return charts;
}

std::vector<Chart> TrainingCurves(const ChartData& data) {
  std::vector<Chart> charts;
  const auto groups = Groups(data);
  for (const auto& group : groups) {
    if (group.empty()) continue;
    Chart chart = Empty(data, "Training loss" + GroupTitle(data, group, groups.size()),
                        "optimiser step", "loss");
    for (const RowSummary* summary : group) {
      ChartSeries series = Named(RowOf(data, *summary).name, !RowOf(data, *summary).in_grid);
      series.x = summary->curve_steps;
      series.y = summary->curve_losses;
      chart.series.push_back(series);
    }
    chart.caption =
        "Mean over training runs. Losses of different heads or methods are different quantities.";
    charts.push_back(chart);
  }
  return charts;
}

std::vector<Chart> CostByContext(const ChartData& data) {
  const std::string measured = "Measured while the comparison ran, on one machine.";
  return {CostChart(data, "Peak memory of training", "MiB",
                    "Tensors alive at once, counted in the allocator. " + measured,
                    [](const RowSummary& summary) {
                      return static_cast<double>(summary.peak_bytes) / (1 << 20);
                    }),
          CostChart(data, "Training speed", "tokens/s", "Median over the run. " + measured,
                    [](const RowSummary& summary) { return summary.tokens_per_second; }),
          CostChart(data, "Time for one action", "ms",
                    "One chain acting, with the context full as in the last episode of an "
                    "evaluation. " +
                        measured,
                    [](const RowSummary& summary) { return summary.milliseconds_per_action; }),
          CostChart(data, "Memory of one acting chain", "KiB",
                    "What it holds beside the weights after that many episodes. " + measured,
                    [](const RowSummary& summary) {
                      return static_cast<double>(summary.state_bytes) / 1024;
                    })};
}

}  // namespace longplay
