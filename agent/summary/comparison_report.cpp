// SPDX-License-Identifier: MIT
#include "agent/summary/comparison_report.h"

#include "agent/summary/comparison_charts.h"
#include "agent/summary/comparison_tables.h"

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
    return "Rows are compared twice: after equally many gradient steps, and after equally many "
           "tokens seen, for which the number of steps differs from row to row. Runs within 3 % of "
           "both count in both.";
  }
  return "Rows are compared at " + views.front().view.name + ".";
}

ReportSection PlaySection(const std::vector<ChartData>& views) {
  const Comparison& comparison = views.front().comparison;
  const bool plays = views.front().plays();
  ReportSection section{
      .title = Prefix(comparison, views.front().task) +
               (plays ? "What the policies earn" : "How well actions are predicted"),
      .text = ParagraphOf(comparison.tasks[views.front().task].about) + BudgetText(views)};
  if (plays) {
    section.text +=
        "\n\nA policy trained on single episodes plays each evaluation episode from an empty "
        "context; the others play all of them in one, and remember.";
  }
  for (const ChartData& data : views) section.charts.push_back(PlayByContext(data));
  for (const ChartData& data : views) Append(section.charts, PlayByEpisode(data));
  for (const ChartData& data : views) section.tables.push_back(PlayTable(data));
  return section;
}

ReportSection CostSection(const std::vector<ChartData>& views) {
  ReportSection section{.title = Prefix(views.front().comparison, views.front().task) +
                                 "Training, and what it costs"};
  for (const ChartData& data : views) Append(section.charts, TrainingCurves(data));
  Append(section.charts, CostByContext(views.front()));
  for (const ChartData& data : views) section.tables.push_back(CostTable(data));
  return section;
}

ReportSection OverallSection(const Comparison& comparison) {
  ReportSection section{.title = kAllTasks};
  for (const BudgetView& view : ViewsOf(comparison)) {
    section.charts.push_back(ScoreByContext(DataOf(comparison, 0, view)));
    section.tables.push_back(OverallTable(comparison, view));
  }
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

Report ComparisonReport(const Comparison& comparison, const std::string& status) {
  Report report{.title = "Comparison: " + comparison.title,
                .summary = "",
                .command = comparison.command,
                .status = status,
                .sections = {}};
  if (status != "complete") report.refresh_seconds = kRefreshSeconds;
  if (comparison.tasks.size() > 1) report.sections.push_back(OverallSection(comparison));
  for (size_t task = 0; task < comparison.tasks.size(); ++task) {
    std::vector<ChartData> views;
    for (const BudgetView& view : ViewsOf(comparison)) {
      views.push_back(DataOf(comparison, task, view));
      const std::string finding = Finding(views.back());
      if (!finding.empty()) report.summary += finding + "\n\n";
    }
    report.sections.push_back(PlaySection(views));
    report.sections.push_back(CostSection(views));
  }
  ReportSection origin{.title = "Data and versions", .text = Versions(comparison)};
  origin.tables = {DataTable(comparison)};
  report.sections.push_back(origin);
  return report;
}

}  // namespace longplay
