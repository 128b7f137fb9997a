// SPDX-License-Identifier: MIT
#include "agent/summary/comparison_charts.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <iterator>
#include <limits>
#include <string>
#include <utility>

#include "agent/charts/shown_text.h"
#include "agent/config/methods.h"
#include "agent/scores/performance_profile.h"
#include "agent/summary/row_colours.h"
#include "agent/summary/row_comparison.h"
#include "agent/summary/run_samples.h"

namespace longplay {
namespace {

constexpr char kBeyond[] = "beyond training";
constexpr int kThresholds = 101;     // of a profile
constexpr double kLargeRatio = 20;   // of values that share an axis which begins at zero
constexpr double kLeastShare = 0.3;  // of an axis that rows take, beside returns of the data

std::string Measure(const ChartData& data) { return data.plays() ? "return" : "action error"; }

/// The same for an axis, with its unit: errors are of a policy's own, an action's range being 2.
std::string MeasureLabel(const ChartData& data) {
  return data.plays() ? "return [sum of rewards]" : "action error";
}

RowQuantity Score(const ChartData& data) {
  return {.name = "last episode within training",
          .unit = MeasureLabel(data),
          .of = [](const RowSummary& summary) {
            return summary.play ? std::optional(summary.play->last) : std::nullopt;
          }};
}

RowQuantity Beyond(const ChartData& data) {
  return {.name = "", .unit = MeasureLabel(data), .of = [](const RowSummary& summary) {
            return summary.play ? summary.play->beyond : std::nullopt;
          }};
}

/// What rows earn in the last episode of all, where that is beyond their training, beside the one
/// line of a chart.
void AddBeyond(const ChartData& data, Chart& chart) {
  const Chart beyond = AgainstContext(data, "", Beyond(data));
  if (beyond.series.size() != 1 || beyond.series[0].x.empty()) return;
  ChartSeries& series = chart.series.emplace_back(beyond.series[0]);
  series.name = "episode " + std::to_string(data.comparison.tasks[data.task].evaluation_episodes) +
                ", " + kBeyond;
  // All of this line is beyond.
  series.beyond = -std::numeric_limits<double>::infinity();
}

/// A row that plays each episode as if it were the first; nothing where none of the grid does.
const RowSummary* RowOfSingleEpisodes(const ChartData& data) {
  const auto found = std::ranges::find_if(data.rows, [&](const RowSummary& summary) {
    return summary.play && summary.episodes_apart && data.RowOf(summary).in_grid;
  });
  return found == data.rows.end() ? nullptr : &*found;
}

/// What a row without context earns in the episodes that the others are scored on: where both rise
/// or fall, it is the start states of these episodes.
void AddSameEpisode(const ChartData& data, Chart& chart) {
  const RowSummary* single = RowOfSingleEpisodes(data);
  if (single == nullptr || !data.scored_apart()) return;
  // Its return at each row's scored episode, without an interval: it is there to compare with.
  const Chart same = AgainstContext(
      data, "",
      {.name = "", .unit = "", .of = [&](const RowSummary& row) -> std::optional<Estimate> {
         if (!row.play || row.play->scored_episode > single->play->by_episode.size()) {
           return std::nullopt;
         }
         return Estimate{single->play->by_episode[row.play->scored_episode - 1].value};
       }});
  if (same.series.size() != 1) return;
  ChartSeries& series = chart.series.emplace_back(same.series[0]);
  series.name = data.RowOf(*single).name + ", in the same episode";
  series.dashed = true;
  // Points are one row's, so they have its colour and not those of the rows they stand under.
  series.point_colours = {};
  series.colour = ColourOfRow(data.comparison, single->row);
}

/// Everything that a chart's vertical axis holds.
std::vector<double> ValuesOf(const Chart& chart) {
  std::vector<double> values = chart.show_y;
  const auto add = [&](const std::vector<double>& more) {
    std::ranges::copy_if(more, std::back_inserter(values),
                         [](double y) { return std::isfinite(y); });
  };
  for (const ChartSeries& level : chart.levels) add(level.y);
  for (const ChartSeries& series : chart.series) {
    for (const auto* some : {&series.y, &series.low, &series.high}) add(*some);
    for (const std::vector<double>& dots : series.dots) add(dots);
  }
  return values;
}

/// Returns to measure the rows' by. Those far from all rows would leave no room for what differs
/// between these, and are told in the caption.
void AddDataLevels(const ChartData& data, Chart& chart) {
  const ComparedTask& task = data.comparison.tasks[data.task];
  auto levels = task.levels;
  levels.emplace_back("data, best episode", task.best_return);
  levels.emplace_back("data, mean", task.mean_return);
  const std::vector<double> values = ValuesOf(chart);
  if (values.empty()) return;
  const auto [low, high] = std::ranges::minmax(values);
  std::string outside;
  for (const auto& [name, y] : levels) {
    // How much of an axis that reaches this level would be left for the rows.
    if (high - low < kLeastShare * (std::max(high, y) - std::min(low, y))) {
      outside += (outside.empty() ? "Outside the picture: " : "; ") + name + " " + FormatNumber(y);
      continue;
    }
    chart.levels.push_back(
        {.name = name, .x = {}, .y = {y}, .low = {}, .high = {}, .dashed = true});
  }
  if (!outside.empty()) chart.caption = outside + ".";
}

/// What was measured once: an estimate without an interval. The axis begins at zero, or where
/// values differ by far more than a picture shows, is logarithmic: small differences stay small.
Chart CostChart(const ChartData& data, const std::string& title, const std::string& unit,
                const std::function<double(const RowSummary&)>& of) {
  double least = INFINITY, largest = 0;
  Chart chart = AgainstContext(data, title,
                               {.name = title,
                                .unit = unit,
                                .of = [&](const RowSummary& summary) -> std::optional<Estimate> {
                                  if (summary.runs == 0) return std::nullopt;
                                  const double value = of(summary);
                                  least = std::min(least, value);
                                  largest = std::max(largest, value);
                                  return Estimate{.value = value};
                                }});
  // Least and largest are known once the chart has asked for every row.
  chart.log_y = chart.kind == ChartKind::kLines && least > 0 && largest > kLargeRatio * least;
  if (!chart.log_y) chart.show_y = {0};
  return chart;
}

/// Whether some row has more than one episode. How many a row has depends on the row where held-out
/// actions are predicted: as many as its chains.
bool HasALine(const RowGroup& group) {
  return std::ranges::any_of(
      group.rows, [](const RowSummary* summary) { return summary->play->by_episode.size() > 1; });
}

/// The curves that a row's mean is of, one for each training run; none where it is one run.
std::vector<ChartRun> CurvesOfRuns(const ChartData& data, const RowSummary& summary,
                                   const std::function<TrainingCurve(const RunOutcome&)>& of) {
  const auto runs = DoneRuns(data.comparison, summary.row, data.task, data.view.budget);
  if (runs.size() < 2) return {};
  std::vector<ChartRun> curves;
  for (const ComparedRun* run : runs) {
    const TrainingCurve curve = of(*run->outcome);
    curves.push_back(
        {.name = "seed " + std::to_string(run->seed), .x = curve.steps, .y = curve.values});
  }
  return curves;
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
  Chart chart = AgainstContext(data, "", Score(data));
  const bool lines = chart.kind == ChartKind::kLines;
  chart.title =
      Capitalised(Measure(data)) + (lines ? " against context length, " : ", ") + data.view.name;
  if (lines && chart.series.size() == 1) {  // of several lines the tables have it
    AddBeyond(data, chart);
    AddSameEpisode(data, chart);
  }
  if (data.plays()) AddDataLevels(data, chart);
  return chart;
}

Chart ScoreByContext(const ChartData& data) {
  Chart chart = AgainstContext(
      data, "Score over all tasks, " + data.view.name,
      {.name = "score", .unit = "score [0 to 100]", .of = [&](const RowSummary& summary) {
         const auto overall = SummariseOverall(data.comparison, summary.row, data.view.budget);
         return overall ? std::optional(overall->interquartile_mean) : std::nullopt;
       }});
  chart.caption = "Interquartile mean over all training runs of all tasks.";
  return chart;
}

std::vector<Chart> ScoreProfiles(const ChartData& data) {
  const auto scores_of = [&](const RowSummary& summary) {
    return ScoresOnTasks(data.comparison, summary.row, summary.row, data.view.budget);
  };
  // The same thresholds in all charts, over the scores of all rows.
  std::vector<Scores> all;
  for (const RowSummary& summary : data.rows) {
    if (const auto scores = scores_of(summary)) all.push_back(scores->first);
  }
  const std::vector<double> thresholds = ProfileThresholds(all, kThresholds);
  std::vector<Chart> charts;
  for (const RowGroup& group : GroupsOf(data)) {
    Chart chart{.title = "Performance profile" + group.title + ", " + data.view.name,
                .x_label = "score [0 to 100]",
                .y_label = "share of runs above it [0 to 1]",
                .caption = "",
                .series = {},
                .levels = {},
                .show_y = {0, 1}};
    for (const RowSummary* summary : group.rows) {
      const auto scores = scores_of(*summary);
      if (!scores) continue;
      ChartSeries& series = chart.series.emplace_back(SeriesOf(data, *summary));
      const std::vector<Estimate> profile = PerformanceProfile(scores->first, thresholds);
      for (size_t i = 0; i < profile.size(); ++i) Append(series, thresholds[i], profile[i]);
    }
    if (!chart.series.empty()) charts.push_back(chart);
  }
  return charts;
}

std::vector<Chart> PlayByEpisode(const ChartData& data) {
  std::vector<Chart> charts;
  for (const RowGroup& group : GroupsOf(data)) {
    // One episode makes no line; beside lines of others it is a point.
    if (!HasALine(group)) continue;
    Chart chart{.title = Capitalised(Measure(data)) + " by episode in context" + group.title +
                         ", " + data.view.name,
                .x_label = "episode in context",
                .y_label = MeasureLabel(data),
                .caption = "",
                .series = {},
                .levels = {},
                .beyond = kBeyond,
                .apart = true};
    for (const RowSummary* summary : group.rows) {
      ChartSeries series = SeriesOf(data, *summary);
      if (summary->play->beyond) {
        series.beyond = static_cast<double>(summary->play->scored_episode);
      }
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
    Chart chart{
        .title = "Training loss" + group.title + ", " + data.view.name,
        .x_label = "optimiser step",
        .y_label = "loss",
        .caption =
            (all.comparison.seeds.size() > 1 ? "Mean over training runs; a thin line for each run. "
                                             : "") +
            std::string("Losses of different heads are different quantities") + left_out,
        .series = {},
        .levels = {}};
    for (const RowSummary* summary : group.rows) {
      ChartSeries series = SeriesOf(data, *summary);
      series.x = summary->curve_steps;
      series.y = summary->curve_losses;
      series.runs = CurvesOfRuns(data, *summary, [](const RunOutcome& outcome) {
        return TrainingCurve{.steps = outcome.steps, .values = outcome.losses};
      });
      chart.series.push_back(series);
    }
    charts.push_back(chart);
  }
  return charts;
}

std::vector<Chart> MeasuredWhileTraining(const ChartData& data) {
  // Columns of metrics.csv, what they are called, their unit, and what to know of them.
  static constexpr struct {
    const char *column, *title, *unit, *caption;
  } kMeasured[] = {
      {"return_last", "Return while training", "return [sum of rewards]",
       "The scored episode, over the first of the evaluation seeds."},
      {"validation_loss", "Loss on episodes kept out of training", "loss",
       "Losses of different heads are different quantities."},
      {"validation_error", "Action error on episodes kept out of training", "action error", ""},
  };
  std::vector<Chart> charts;
  for (const auto& measured : kMeasured) {
    for (const RowGroup& group : GroupsOf(data)) {
      Chart chart{.title = measured.title + group.title + ", " + data.view.name,
                  .x_label = "optimiser step",
                  .y_label = measured.unit,
                  .caption = measured.caption,
                  .series = {},
                  .levels = {}};
      for (const RowSummary* summary : group.rows) {
        const auto found = summary->measured.find(measured.column);
        if (found == summary->measured.end()) continue;
        ChartSeries& series = chart.series.emplace_back(SeriesOf(data, *summary));
        const MeasuredCurve& curve = found->second;
        for (size_t i = 0; i < curve.steps.size(); ++i) {
          Append(series, curve.steps[i], curve.values[i]);
        }
        series.runs = CurvesOfRuns(data, *summary, [&](const RunOutcome& outcome) {
          const auto own = outcome.measured.find(measured.column);
          return own == outcome.measured.end() ? TrainingCurve{} : own->second;
        });
      }
      if (!chart.series.empty()) charts.push_back(chart);
    }
  }
  return charts;
}

std::vector<Chart> CostByContext(const ChartData& data) {
  std::vector<Chart> charts = {
      CostChart(data, "Peak memory of training", "peak memory [MiB]",
                [](const RowSummary& summary) {
                  return static_cast<double>(summary.peak_bytes) / (1 << 20);
                }),
      CostChart(data, "Training speed", "speed [tokens/s]",
                [](const RowSummary& summary) { return summary.tokens_per_second; }),
      CostChart(data, "Time for one action", "time of an action [ms]",
                [](const RowSummary& summary) { return summary.milliseconds_per_action; }),
      CostChart(data, "Memory of one acting chain", "memory [KiB]", [](const RowSummary& summary) {
        return static_cast<double>(summary.state_bytes) / 1024;
      })};
  // In the order of the list above.
  charts[0].caption = "Tensors that exist at the same time, counted in the allocator.";
  charts[1].caption = "Median over the run.";
  charts[2].caption = "One chain, with as much context as in the last evaluation episode.";
  charts[3].caption = "KV cache or state in the last evaluation episode, without the weights.";
  return charts;
}

void ShareValues(std::vector<Chart>& charts) {
  std::vector<double> values;
  for (const Chart& chart : charts) {
    const std::vector<double> more = ValuesOf(chart);
    values.insert(values.end(), more.begin(), more.end());
  }
  for (Chart& chart : charts) chart.show_y = values;
}

}  // namespace longplay
