// SPDX-License-Identifier: MIT
// The part of agent/demo/context_study.h that turns results into charts and tables.
#include <algorithm>
#include <cmath>
#include <cstdio>

#include "agent/demo/context_study.h"

namespace longplay {
namespace {

std::string Number(double value, int digits = 1) {
  char text[48];
  std::snprintf(text, sizeof text, "%.*f", digits, value);
  return text;
}

std::string WithInterval(const Estimate& estimate) {
  return Number(estimate.value) + " [" + Number(estimate.low) + ", " + Number(estimate.high) + "]";
}

void Append(ChartSeries& series, double x, const Estimate& estimate) {
  series.x.push_back(x);
  series.y.push_back(estimate.value);
  series.low.push_back(estimate.low);
  series.high.push_back(estimate.high);
}

ChartSeries Level(const std::string& name, double y) {
  return {.name = name, .x = {}, .y = {y}, .low = {}, .high = {}, .dashed = true};
}

const VariantResult* OneEpisodePolicy(const ContextStudy& study) {
  for (const VariantResult& result : study.variants) {
    if (!result.variant.baseline && result.variant.options.chain.episodes == 1) return &result;
  }
  return nullptr;
}

std::vector<ChartSeries> Levels(const ContextStudy& study) {
  std::vector<ChartSeries> levels;
  if (study.oracle) levels.push_back(Level("oracle (sees what is hidden)", study.oracle->value));
  levels.push_back(Level("data, best episode", study.data_best));
  levels.push_back(Level("data, mean", study.data_mean));
  for (const VariantResult& result : study.variants) {
    if (result.variant.baseline && result.evaluation) {
      levels.push_back(Level(result.variant.name, result.evaluation->mean().value));
    }
  }
  const VariantResult* one = OneEpisodePolicy(study);
  if (one != nullptr && one->evaluation && one->evaluation->returns.front().size() > 1) {
    levels.push_back(Level("best of " + std::to_string(one->evaluation->returns.front().size()) +
                               " independent tries of the one-episode policy",
                           one->evaluation->best().value));
  }
  return levels;
}

std::string SeedNote(const ContextStudy& study) {
  for (const VariantResult& result : study.variants) {
    if (!result.evaluation) continue;
    return "Mean over " + std::to_string(result.evaluation->returns.size()) +
           " evaluation seeds that nothing was chosen on; band: 95 % bootstrap interval over those "
           "seeds. One training seed per policy: an illustration, not evidence.";
  }
  return "No policy is evaluated yet.";
}

Chart ReturnByEpisode(const ContextStudy& study) {
  Chart chart{.title = "Return by episode in context",
              .x_label = "episode in context",
              .y_label = "return",
              .caption = SeedNote(study) +
                         " The policy with one episode in context forgets between episodes.",
              .series = {},
              .levels = Levels(study)};
  for (const VariantResult& result : study.variants) {
    if (result.variant.baseline || !result.evaluation) continue;
    ChartSeries series{.name = result.variant.name, .x = {}, .y = {}, .low = {}, .high = {}};
    double x = 1;
    for (const Estimate& estimate : result.evaluation->by_episode()) Append(series, x++, estimate);
    chart.series.push_back(series);
  }
  return chart;
}

Chart ReturnByContext(const ContextStudy& study) {
  Chart chart{.title = "Return against context length",
              .x_label = "episodes in context",
              .y_label = "return",
              .caption = SeedNote(study),
              .series = {},
              .levels = Levels(study),
              .log_x = true};
  ChartSeries last{.name = "last episode", .x = {}, .y = {}, .low = {}, .high = {}};
  ChartSeries first{.name = "first episode", .x = {}, .y = {}, .low = {}, .high = {}};
  for (const VariantResult& result : study.variants) {
    if (result.variant.baseline || !result.evaluation) continue;
    const auto episodes = static_cast<double>(result.variant.options.chain.episodes);
    Append(last, episodes, result.evaluation->last());
    Append(first, episodes, result.evaluation->first());
  }
  chart.series = {last, first};
  return chart;
}

Chart LearningCurves(const ContextStudy& study) {
  Chart chart{.title = "Training loss",
              .x_label = "optimiser step",
              .y_label = "loss",
              .caption = "Mean loss per real time step; one training seed.",
              .series = {},
              .levels = {}};
  for (const VariantResult& result : study.variants) {
    if (result.steps.empty()) continue;
    chart.series.push_back({.name = result.variant.name,
                            .x = result.steps,
                            .y = result.losses,
                            .low = {},
                            .high = {},
                            .dashed = result.variant.baseline});
  }
  return chart;
}

Chart DataHistories(const ContextStudy& study) {
  ChartSeries series{.name = "mean over the learners' histories",
                     .x = {},
                     .y = study.history_means,
                     .low = {},
                     .high = {}};
  for (size_t i = 0; i < series.y.size(); ++i) series.x.push_back(static_cast<double>(i + 1));
  return {.title = "The data: return as the learners learn",
          .x_label = "episode of a learner",
          .y_label = "return",
          .caption = std::to_string(study.data.episodes) + " episodes, " +
                     std::to_string(study.data.steps) + " decisions; mean return " +
                     Number(study.data_mean) + ", best " + Number(study.data_best) + ".",
          .series = {series},
          .levels = {}};
}

Table Returns(const ContextStudy& study) {
  Table table{.title = "Returns",
              .caption = SeedNote(study),
              .header = {"policy", "first episode", "last episode", "mean", "best of all"},
              .rows = {}};
  for (const VariantResult& result : study.variants) {
    if (!result.evaluation) continue;
    const EvaluationResult& evaluation = *result.evaluation;
    table.rows.push_back({result.variant.name, WithInterval(evaluation.first()),
                          WithInterval(evaluation.last()), WithInterval(evaluation.mean()),
                          WithInterval(evaluation.best())});
  }
  return table;
}

Table Costs(const ContextStudy& study) {
  Table table{.title = "What the context costs",
              .caption =
                  "Peak memory: tensors alive at once while training, above what was there "
                  "before, counted in the allocator. Measured on this machine in this run.",
              .header = {"policy", "parameters", "time steps in context", "optimiser steps",
                         "training [s]", "tokens/s", "peak memory [MiB]"},
              .rows = {}};
  for (const VariantResult& result : study.variants) {
    if (!result.training) continue;
    const double average_length = static_cast<double>(study.data.steps) /
                                  static_cast<double>(std::max<int64_t>(study.data.episodes, 1));
    table.rows.push_back(
        {result.variant.name, std::to_string(result.training->parameters),
         Number(average_length * static_cast<double>(result.variant.options.chain.episodes), 0),
         std::to_string(result.training->steps), Number(result.train_seconds),
         Number(result.training->tokens_per_second, 0),
         Number(static_cast<double>(result.peak_bytes) / (1 << 20))});
  }
  return table;
}

}  // namespace

ReportSection StudySection(const ContextStudy& study) {
  ReportSection section{.title = study.title,
                        .text = "",
                        .charts = {},
                        .tables = {},
                        .video = "",
                        .video_caption = ""};
  const bool evaluated = std::ranges::any_of(
      study.variants, [](const VariantResult& result) { return result.evaluation.has_value(); });
  const bool trained = std::ranges::any_of(
      study.variants, [](const VariantResult& result) { return !result.steps.empty(); });
  if (evaluated) section.charts = {ReturnByEpisode(study), ReturnByContext(study)};
  if (trained) section.charts.push_back(LearningCurves(study));
  section.charts.push_back(DataHistories(study));
  if (evaluated) section.tables = {Returns(study)};
  if (trained) section.tables.push_back(Costs(study));
  return section;
}

}  // namespace longplay
