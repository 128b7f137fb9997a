// SPDX-License-Identifier: MIT
#include "agent/summary/comparison_findings.h"

#include <algorithm>
#include <cmath>

#include "agent/charts/shown_text.h"
#include "agent/summary/finding.h"

namespace longplay {
namespace {

/// Rows of one line that differ in nothing but the episodes or steps in context.
bool DifferInLengthAlone(const Comparison& comparison) {
  return std::ranges::all_of(comparison.rows, [](const ComparedRow& row) {
    return row.in_grid && row.line.empty() &&
           std::ranges::all_of(row.settings, [](const auto& setting) {
             return setting.first == "chain.episodes" || setting.first.ends_with(".window");
           });
  });
}

Contest EmptyContest(const Comparison& comparison) {
  return {.entries = {},
          .rows = comparison.rows.size(),
          .reference = comparison.reference,
          .reference_name = comparison.rows[comparison.reference].name,
          .lengths = DifferInLengthAlone(comparison),
          .seeds = static_cast<int64_t>(comparison.seeds.size()),
          .compare = {}};
}

Contest ContestOf(const ChartData& data) {
  Contest contest = EmptyContest(data.comparison);
  contest.less_is_better = !data.plays();
  contest.measure = data.plays() ? "return" : "action error";
  for (const RowSummary& summary : data.rows) {
    if (!summary.play || !std::isfinite(summary.play->last.value)) continue;
    contest.entries.push_back(
        {.row = summary.row, .name = data.RowOf(summary).name, .value = summary.play->last.value});
  }
  // `data` must outlive the contest.
  contest.compare = [&data](size_t x, size_t y) {
    return CompareRows(data.comparison, x, y, data.task, data.view.budget);
  };
  return contest;
}

Contest OverallContest(const Comparison& comparison, Budget budget) {
  Contest contest = EmptyContest(comparison);
  contest.measure = "score";
  for (size_t row = 0; row < comparison.rows.size(); ++row) {
    const auto overall = SummariseOverall(comparison, row, budget);
    if (!overall) continue;
    contest.entries.push_back({.row = row,
                               .name = comparison.rows[row].name,
                               .value = overall->interquartile_mean.value});
  }
  contest.compare = [&comparison, budget](size_t x, size_t y) {
    return CompareRowsOverall(comparison, x, y, budget);
  };
  return contest;
}

/// "Over all 3 tasks, at equal tokens, so far (5 of 24 runs), ".
std::string Start(const Comparison& comparison, const std::string& where, const BudgetView& view,
                  bool several_views) {
  std::vector<std::string> parts;
  const auto done = std::ranges::count_if(
      comparison.runs, [](const ComparedRun& run) { return run.outcome.has_value(); });
  if (done < static_cast<int64_t>(comparison.runs.size())) {
    parts.push_back("so far (" + std::to_string(done) + " of " +
                    std::to_string(comparison.runs.size()) + " runs are done)");
  }
  if (!where.empty()) parts.push_back(where);
  if (several_views) parts.push_back("at " + view.name);
  std::string text;
  for (const std::string& part : parts) text += part + ", ";
  return text;
}

void Add(const std::string& start, const Contest& contest, std::vector<std::string>& findings) {
  const std::string text = FindingOf(contest);
  if (!text.empty()) findings.push_back(Capitalised(start + text));
}

constexpr double kSameCost = 0.05;  // times on a shared machine are no more exact

std::string Times(double ratio) { return FormatFixed(ratio, ratio < 9.95 ? 1 : 0) + " times "; }

/// What the row in question costs, by what the reference costs.
std::string CostText(const ChartData& data) {
  const std::optional<size_t> row = RowInQuestion(ContestOf(data));
  const RowSummary& reference = data.rows[data.comparison.reference];
  if (!row || reference.runs == 0) return "";
  const RowSummary& other = data.rows[*row];
  std::vector<std::string> parts;
  // Only what was measured of both, and differs.
  const auto add = [&](double cost, double base, const std::string& what) {
    if (base <= 0 || cost <= 0 || std::abs(cost / base - 1) < kSameCost) return;
    parts.push_back(Times(cost / base) + what);
  };
  add(other.train_seconds, reference.train_seconds, "the training time");
  add(static_cast<double>(other.peak_bytes), static_cast<double>(reference.peak_bytes),
      "the peak memory of training");
  add(other.milliseconds_per_action, reference.milliseconds_per_action, "the time of an action");
  add(static_cast<double>(other.state_bytes), static_cast<double>(reference.state_bytes),
      "the memory of an acting chain");
  const std::string base = ShownName(data.RowOf(reference).name);
  const std::string name = ShownName(data.RowOf(other).name);
  if (parts.empty()) return Capitalised(name) + ": the same cost as " + base + ".";
  return "Cost of " + name + " compared with " + base + ": " + Listed(parts) + ".";
}

}  // namespace

std::vector<std::string> FindingsOf(const std::vector<std::vector<ChartData>>& views,
                                    TaskScores scores) {
  const Comparison& comparison = views.front().front().comparison;
  const bool several_tasks = views.size() > 1, several_views = views.front().size() > 1;
  std::vector<std::string> findings;
  // All tasks together, then each of them, then what it costs on the first.
  if (several_tasks && scores == TaskScores::kTogether) {
    for (const ChartData& data : views.front()) {
      Add(Start(comparison, "over all " + std::to_string(views.size()) + " tasks", data.view,
                several_views),
          OverallContest(comparison, data.view.budget), findings);
    }
  }
  for (const std::vector<ChartData>& task : views) {
    for (const ChartData& data : task) {
      const std::string where = several_tasks ? "on " + TaskName(comparison.tasks[data.task]) : "";
      Add(Start(comparison, where, data.view, several_views), ContestOf(data), findings);
    }
  }
  const std::string cost = CostText(views.front().front());
  if (!cost.empty()) findings.push_back(cost);
  return findings;
}

}  // namespace longplay
