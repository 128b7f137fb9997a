// SPDX-License-Identifier: MIT
#include "agent/summary/comparison_report.h"

#include <algorithm>

#include "agent/summary/comparison_charts.h"
#include "agent/summary/comparison_tables.h"
#include "agent/summary/run_tables.h"

namespace longplay {
namespace {

constexpr int kRefreshSeconds = 10;

void Append(std::vector<Chart>& charts, const std::vector<Chart>& more) {
  charts.insert(charts.end(), more.begin(), more.end());
}

ChartData DataOf(const Comparison& comparison, size_t task, const BudgetView& view) {
  ChartData data{.comparison = comparison, .task = task, .view = view, .rows = {}};
  for (size_t row = 0; row < comparison.rows.size(); ++row) {
    data.rows.push_back(Summarise(comparison, row, task, view.budget));
  }
  return data;
}

std::string Prefix(const Comparison& comparison, size_t task) {
  return comparison.tasks.size() == 1 ? "" : comparison.tasks[task].name + ": ";
}

std::string ParagraphOf(const std::string& text) { return text.empty() ? "" : text + "\n\n"; }

std::string BudgetText(const std::vector<ChartData>& views) {
  if (views.size() > 1) {
    return "Rows are compared twice: after the same number of gradient steps, and after the same "
           "number of tokens, for which rows take different numbers of steps. A run that is within "
           "3 % of both budgets, or as close as whole steps allow, counts in both.";
  }
  return "Rows are compared at " + views.front().view.name + ".";
}

/// How rows of which some are played beyond their training are scored.
std::string ScoreText(const std::vector<ChartData>& views) {
  const bool beyond = std::ranges::any_of(
      views.front().rows, [](const RowSummary& row) { return row.play && row.play->beyond; });
  std::string text =
      "A policy trained on single episodes plays each evaluation episode from an empty context; "
      "other policies play all episodes in one context.";
  if (beyond) {
    text +=
        " A row is scored on its last episode within training: a row trained on chains of two "
        "episodes is scored on its second. Later episodes are beyond its training and are shown "
        "separately.";
  } else {
    text += " A row is scored on the last episode.";
  }
  return text;
}

std::string SampleText(const ChartData& data) {
  const ComparedTask& task = data.comparison.tasks[data.task];
  const std::string of = data.plays() ? std::to_string(task.evaluation_seeds) +
                                            " held-out evaluation seeds, the same for all rows"
                                      : "held-out chains";
  return "Values are means over " + of + ", of each training run's last checkpoint.";
}

ReportSection PlaySection(const std::vector<ChartData>& views) {
  const Comparison& comparison = views.front().comparison;
  const bool plays = views.front().plays();
  ReportSection section{
      .title = Prefix(comparison, views.front().task) +
               (plays ? "Returns" : "Errors of predicted actions"),
      .text = ParagraphOf(comparison.tasks[views.front().task].about) + BudgetText(views)};
  if (plays) section.text += "\n\n" + ScoreText(views);
  section.text += "\n\n" + SampleText(views.front()) + " " + IntervalNote(comparison);
  // Charts of all budgets beside each other, on one vertical axis.
  for (const ChartData& data : views) section.charts.push_back(PlayByContext(data));
  for (const ChartData& data : views) Append(section.charts, PlayByEpisode(data));
  ShareValues(section.charts);
  for (const ChartData& data : views) section.tables.push_back(PlayTable(data));
  // One note for all tables, below the last.
  section.tables.back().caption = PlayTableNote(comparison);
  return section;
}

ReportSection CostSection(const std::vector<ChartData>& views) {
  ReportSection section{
      .title = Prefix(views.front().comparison, views.front().task) + "Training and cost",
      .text = "Times and memory were measured while the comparison ran."};
  for (const ChartData& data : views) Append(section.charts, TrainingCurves(data));
  ShareValues(section.charts);
  for (const ChartData& data : views) Append(section.charts, MeasuredWhileTraining(data));
  // What a step or an action costs does not depend on the budget: once.
  Append(section.charts, CostByContext(views.front()));
  for (const ChartData& data : views) section.tables.push_back(CostTable(data));
  // One note for all tables, at the first.
  for (size_t i = 1; i < section.tables.size(); ++i) section.tables[i].caption = "";
  return section;
}

std::string OverallText(const Comparison& comparison) {
  const size_t runs = comparison.seeds.size();
  const std::string each = std::to_string(runs) + " training run" + (runs == 1 ? "" : "s");
  std::string text =
      "A score is 0 and 100 at two reference returns of its task (see the table of data). ";
  text += runs < kFewestOfSeveralTasks
              ? "With " + each + " of each row on a task there are no intervals."
              : "Intervals (95 %, bootstrap) resample the " + each + " of each row in each task.";
  return text +
         "\n\nA performance profile shows the share of all runs that score above a threshold. "
         "A row whose line is higher everywhere is better.";
}

ReportSection OverallSection(const Comparison& comparison) {
  ReportSection section{.title = "All tasks", .text = OverallText(comparison)};
  for (const BudgetView& view : ViewsOf(comparison)) {
    // Of the first task, for these charts look at all by themselves.
    const ChartData data = DataOf(comparison, 0, view);
    section.charts.push_back(ScoreByContext(data));
    Append(section.charts, ScoreProfiles(data));
    section.tables.push_back(OverallTable(comparison, view));
  }
  return section;
}

ReportSection RunSection(const std::vector<std::vector<ChartData>>& views) {
  ReportSection section{.title = "Rows and runs"};
  const Comparison& comparison = views.front().front().comparison;
  for (const Table& table : {DifferenceTable(comparison), NoteTable(comparison)}) {
    if (!table.rows.empty()) section.tables.push_back(table);
  }
  section.tables.push_back(RunTable(views));
  return section;
}

std::string Versions(const Comparison& comparison) {
  std::string text;
  for (const auto& [name, version] : comparison.versions.items()) {
    text += (text.empty() ? "" : ", ") + name + " " + version.get<std::string>();
  }
  return text + ".";
}

}  // namespace

Report ComparisonReport(const Comparison& comparison, const std::string& status,
                        TaskScores scores) {
  Report report{.title = "Comparison: " + comparison.title,
                .summary = "",
                .command = comparison.command,
                .status = status,
                .sections = {}};
  if (status != "complete") report.refresh_seconds = kRefreshSeconds;
  // Phase 1: summaries, of which all charts, tables and sentences are made.
  std::vector<std::vector<ChartData>> views;  // [tasks][budgets]
  for (size_t task = 0; task < comparison.tasks.size(); ++task) {
    views.emplace_back();
    for (const BudgetView& view : ViewsOf(comparison)) {
      views.back().push_back(DataOf(comparison, task, view));
    }
  }
  // Phase 2: the answer first, then returns and costs, then where the numbers come from.
  for (const std::string& finding : FindingsOf(views, scores)) report.summary += finding + "\n\n";
  if (report.summary.empty()) report.summary = "No run is done, so there is no answer yet.";
  if (comparison.tasks.size() > 1 && scores == TaskScores::kTogether) {
    report.sections.push_back(OverallSection(comparison));
  }
  for (const std::vector<ChartData>& task : views) {
    report.sections.push_back(PlaySection(task));
    report.sections.push_back(CostSection(task));
  }
  report.sections.push_back(RunSection(views));
  ReportSection origin{.title = "Data and versions", .text = Versions(comparison)};
  origin.tables = {DataTable(comparison)};
  report.sections.push_back(origin);
  return report;
}

}  // namespace longplay
