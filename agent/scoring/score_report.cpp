// SPDX-License-Identifier: MIT
#include "agent/scoring/score_report.h"

#include <algorithm>
#include <cmath>

#include "agent/scoring/score_charts.h"
#include "agent/summary/digits.h"

namespace longplay {
namespace {

std::vector<const TaskScore*> RowsOf(const SystemScores& scores, const std::string& task) {
  std::vector<const TaskScore*> rows;
  for (const TaskScore& score : scores.tasks) {
    if (score.task == task) rows.push_back(&score);
  }
  return rows;
}

std::vector<std::string> TaskNames(const SystemScores& scores) {
  std::vector<std::string> names;
  for (const TaskScore& score : scores.tasks) {
    if (std::ranges::find(names, score.task) == names.end()) names.push_back(score.task);
  }
  return names;
}

Digits DigitsFor(const std::vector<const TaskScore*>& rows) {
  double largest = 0;
  for (const TaskScore* row : rows) {
    for (const Estimate& value : {row->curves.last.front(), row->curves.best.back()}) {
      largest = std::max(largest, std::abs(value.value));
    }
  }
  return Digits(largest);
}

Table TaskTable(const SystemScores& scores, const std::vector<const TaskScore*>& rows) {
  const std::string& reference = scores.played[scores.reference].name;
  const Digits digits = DigitsFor(rows);
  const auto has = [&](const auto& of) { return std::ranges::any_of(rows, of); };
  const bool control = has([](const TaskScore* row) { return row->control.has_value(); });
  const bool less = has([](const TaskScore* row) { return !row->less_reference.empty(); });
  Table table{.title = "Returns",
              .caption = "95 % intervals resample " + scores.resampled +
                         "; of two or three values the range stands in parentheses.",
              .header = {"system", "contexts", "episodes", "first", "last", "mean", "best"},
              .rows = {}};
  if (control)
    table.header.insert(table.header.end(), {"after another task", "learned in context"});
  if (less) table.header.push_back("last, less best of n of " + reference);
  for (const TaskScore* row : rows) {
    const TrialCurves& curves = row->curves;
    std::vector<std::string> cells = {row->system,
                                      std::to_string(row->contexts),
                                      std::to_string(curves.last.size()),
                                      digits.Of(curves.last.front()),
                                      digits.Of(curves.last.back()),
                                      digits.Of(curves.mean.back()),
                                      digits.Of(curves.best.back())};
    if (control) {
      cells.push_back(digits.Of(row->control));
      cells.push_back(digits.Of(row->gained));
    }
    if (less) {
      const bool whole = row->less_reference.size() == curves.last.size();
      cells.push_back(whole ? digits.Of(row->less_reference.back()) : std::string("–"));
    }
    table.rows.push_back(std::move(cells));
  }
  return table;
}

ReportSection AggregateSection(const SystemScores& scores) {
  ReportSection section{.title = "All tasks together"};
  if (scores.aggregates.empty()) {
    section.text = scores.why_no_aggregates;
    return section;
  }
  section.text =
      "Normalised returns of the last episode: 0 and 1 are the two reference returns of each task. "
      "Statistics are those of rliable (arXiv 2108.13264), stratified by task.";
  const Digits digits(1);
  Table table{
      .title = "Aggregates",
      .caption = "Probability of improvement: over " + scores.played[scores.reference].name + ".",
      .header = {"system", "interquartile mean", "mean", "median", "optimality gap",
                 "probability of improvement"},
      .rows = {}};
  Chart profile{.title = "Performance profile",
                .x_label = "normalised return",
                .y_label = "share above it",
                .caption = "A line that lies higher everywhere is better in every respect."};
  for (size_t i = 0; i < scores.aggregates.size(); ++i) {
    const AggregateScore& score = scores.aggregates[i];
    table.rows.push_back({score.system, digits.Of(score.interquartile_mean), digits.Of(score.mean),
                          digits.Of(score.median), digits.Of(score.optimality_gap),
                          digits.Of(score.improvement)});
    ChartSeries series = CurveSeries(score.system, score.profile, i);
    series.x = scores.thresholds;
    profile.series.push_back(std::move(series));
  }
  section.tables.push_back(std::move(table));
  section.charts.push_back(std::move(profile));
  return section;
}

/// "one earns most in the last of 8 episodes: 11.5 [9.7, 13.2]. ..."
std::string FindingOn(const SystemScores& scores, const std::string& task) {
  const std::vector<const TaskScore*> rows = RowsOf(scores, task);
  const Digits digits = DigitsFor(rows);
  const TaskScore* most = *std::ranges::max_element(
      rows, {}, [](const TaskScore* row) { return row->curves.last.back().value; });
  const size_t episodes = most->curves.last.size();
  const std::string of =
      episodes == 1 ? "its only episode" : "the last of " + std::to_string(episodes) + " episodes";
  std::string text =
      (rows.size() == 1
           ? most->system + " earns " + digits.Of(most->curves.last.back()) + " in " + of
           : most->system + " earns most in " + of + ": " + digits.Of(most->curves.last.back()));
  if (most->control) {
    text += "; after the episodes of another task it earns " + digits.Of(*most->control);
  }
  const std::string& reference = scores.played[scores.reference].name;
  if (most->less_reference.size() == episodes && episodes > 1) {
    const Estimate& less = most->less_reference.back();
    text += "; less the best of " + std::to_string(episodes) + " tries of " + reference + ": " +
            digits.Signed(less.value) + digits.BoundsOf(less);
  }
  return text + ".";
}

}  // namespace

std::string ScoreFinding(const SystemScores& scores) {
  const std::vector<std::string> tasks = TaskNames(scores);
  std::string text;
  for (const std::string& task : tasks) {
    text += (text.empty() ? "" : " ") + (tasks.size() == 1 ? "" : task + ": ") +
            FindingOn(scores, task);
  }
  return text;
}

std::string SystemScoreText(const SystemScores& scores) {
  std::string text = ScoreFinding(scores) + "\n";
  for (const std::string& task : TaskNames(scores)) {
    const std::vector<const TaskScore*> rows = RowsOf(scores, task);
    const Table table = TaskTable(scores, rows);
    text += "\n" + task + "\n";
    for (const std::vector<std::string>& row : table.rows) {
      text += "  " + row[0] + ":";
      for (size_t i = 3; i < row.size(); ++i) {
        text += (i == 3 ? " " : ", ") + table.header[i] + " " + row[i];
      }
      text += "\n";
    }
  }
  if (!scores.why_no_aggregates.empty()) return text + "\n" + scores.why_no_aggregates + "\n";
  const Digits digits(1);
  text += "\nnormalised, over all tasks\n";
  for (const AggregateScore& score : scores.aggregates) {
    text += "  " + score.system + ": interquartile mean " + digits.Of(score.interquartile_mean);
    if (score.improvement) text += ", probability of improvement " + digits.Of(*score.improvement);
    text += "\n";
  }
  return text;
}

Report ScoreReport(const SystemScores& scores, const std::string& command) {
  Report report{.title = "Scores",
                .summary = ScoreFinding(scores),
                .command = command,
                .status = "complete",
                .sections = {}};
  const std::vector<std::string> tasks = TaskNames(scores);
  for (const std::string& task : tasks) {
    const std::vector<const TaskScore*> rows = RowsOf(scores, task);
    report.sections.push_back(
        {.title = task, .charts = TaskCharts(rows), .tables = {TaskTable(scores, rows)}});
  }
  report.sections.push_back(AggregateSection(scores));
  return report;
}

}  // namespace longplay
