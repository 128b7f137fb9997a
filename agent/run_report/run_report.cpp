// SPDX-License-Identifier: MIT
#include "agent/run_report/run_report.h"

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "agent/charts/shown_text.h"
#include "agent/run_report/run_charts.h"
#include "agent/run_report/run_report_tables.h"
#include "agent/summary/digits.h"
#include "agent/summary/finding.h"

namespace longplay {
namespace {

/// Which group is best, by how much, how sure.
std::string FindingOfGroups(const std::vector<ReportedGroup>& groups) {
  Contest contest{
      .entries = {},
      .rows = groups.size(),
      .reference_name = groups.front().name,
      .measure = ArePlayed(groups) ? "return" : "action error",
      .less_is_better = !ArePlayed(groups),
      .noun = "policy",
      .seeds = static_cast<int64_t>(groups.front().runs.size()),
      .compare = [&groups](size_t x, size_t y) { return CompareGroups(groups[x], groups[y]); }};
  for (size_t i = 0; i < groups.size(); ++i) {
    const std::vector<const ReportedRun*> runs = groups[i].played();
    if (runs.empty()) continue;
    contest.seeds = std::min(contest.seeds, static_cast<int64_t>(runs.size()));
    const auto estimate = EstimateOfEpisode(groups[i], runs.front()->play->scored_episode);
    if (!estimate) continue;
    // What is compared with is the first of those that have a value.
    if (contest.entries.empty()) {
      contest.reference = i;
      contest.reference_name = groups[i].name;
    }
    contest.entries.push_back({.row = i, .name = groups[i].name, .value = estimate->value});
  }
  return FindingOf(contest);
}

std::string AnswerOf(const std::vector<ReportedGroup>& groups) {
  const auto played = std::ranges::count_if(
      groups, [](const ReportedGroup& group) { return !group.played().empty(); });
  if (played == 0) {
    return "None of these runs has been evaluated: `longplay eval RUN` plays one, and this report "
           "then has its returns.";
  }
  const std::string why = WhyNotComparable(groups);
  if (!why.empty()) {
    return "These runs were not evaluated alike, so nothing is said of which is best (" + why +
           ").";
  }
  std::string text = Capitalised(FindingOfGroups(groups));
  if (played < std::ssize(groups)) {
    text += " " + std::to_string(std::ssize(groups) - played) + " of " +
            std::to_string(groups.size()) + " policies have not been evaluated (`longplay eval`).";
  }
  return text;
}

/// Runs that have a film, from the best to the worst.
std::vector<const ReportedRun*> FilmedRuns(const std::vector<ReportedGroup>& groups) {
  std::vector<const ReportedRun*> runs;
  for (const ReportedGroup& group : groups) {
    for (const ReportedRun* run : group.played()) {
      if (run->play->plays() && !run->videos.empty() &&
          std::filesystem::file_size(run->videos.front()) <= kLargestVideo) {
        runs.push_back(run);
      }
    }
  }
  std::ranges::stable_sort(runs, std::greater(), [](const ReportedRun* run) {
    return MeanOfEpisode(*run->play, run->play->scored_episode);
  });
  return runs;
}

ReportVideo FilmOfReported(const ReportedRun& run, const std::string& which) {
  const double value = MeanOfEpisode(*run.play, run.play->scored_episode);
  return {run.videos.front(), which + ": " + run.name + ", seed " +
                                  std::to_string(run.options.train.seed) + ", return " +
                                  Digits(std::abs(value)).Of(value) + " over its evaluation seeds"};
}

void AddFilmsOfRuns(const std::vector<ReportedGroup>& groups, ReportSection& section) {
  const std::vector<const ReportedRun*> runs = FilmedRuns(groups);
  if (runs.empty()) return;
  section.videos.push_back(FilmOfReported(*runs.front(), "The best run that has a film"));
  if (runs.size() < 2) return;
  section.videos.push_back(FilmOfReported(*runs[runs.size() / 2], "The median one"));
}

void AppendCharts(std::vector<Chart>& charts, const std::vector<Chart>& more) {
  charts.insert(charts.end(), more.begin(), more.end());
}

}  // namespace

Report RunReport(const std::vector<ReportedRun>& runs, const std::string& folder,
                 const std::string& command) {
  const std::vector<ReportedGroup> groups = GroupsOfRuns(runs);
  const bool comparable = WhyNotComparable(groups).empty();
  Report report{.title = runs.size() == 1 ? "One run" : std::to_string(runs.size()) + " runs",
                .summary = AnswerOf(groups),
                .command = command,
                .status = "",
                .sections = {},
                .csv = "report.csv"};
  // What they are worth, then how they came there, then what they are.
  ReportSection worth{.title = ArePlayed(groups) ? "Returns" : "Errors of predicted actions",
                      .text = "Runs that differ in their seed alone are one policy."};
  if (comparable) AppendCharts(worth.charts, ScoreBars(groups));
  if (comparable) AppendCharts(worth.charts, EpisodeCurves(groups));
  worth.tables = {
      GroupTable(groups, comparable ? GroupDifferences::kShown : GroupDifferences::kLeftOut)};
  AddFilmsOfRuns(groups, worth);
  report.sections.push_back(worth);
  ReportSection training{.title = "Training"};
  AppendCharts(training.charts, LossCurves(groups));
  AppendCharts(training.charts, MeasuredCurvesOf(groups));
  if (!training.charts.empty()) report.sections.push_back(training);
  ReportSection settings{.title = "Settings and runs"};
  const Table differing = SettingTable(groups);
  if (differing.rows.empty() && groups.size() > 1) {
    settings.text = "No setting differs but the seed.";
  }
  if (!differing.rows.empty()) settings.tables.push_back(differing);
  settings.tables.push_back(EveryRunTable(groups, folder));
  report.sections.push_back(settings);
  return report;
}

}  // namespace longplay
