// SPDX-License-Identifier: MIT
#include "agent/run_report/run_report_tables.h"

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "agent/charts/shown_text.h"
#include "agent/summary/digits.h"

namespace longplay {
namespace {

namespace fs = std::filesystem;

/// For a whole table, by its largest value.
Digits DigitsOfRuns(const std::vector<ReportedGroup>& groups) {
  double largest = 0;
  for (const ReportedGroup& group : groups) {
    for (const ReportedRun* run : group.played()) {
      largest = std::max(largest, std::abs(MeanOfEpisode(*run->play, run->play->scored_episode)));
    }
  }
  return Digits(largest);
}

/// Means over a group's runs: of the first episode, and of all episodes within training.
struct OverEpisodes {
  double first = NAN, mean = NAN;
};
OverEpisodes WithinTraining(const ReportedGroup& group) {
  const std::vector<const ReportedRun*> runs = group.played();
  OverEpisodes over;
  if (runs.empty()) return over;
  const size_t scored = runs.front()->play->scored_episode;
  double sum = 0, first = 0;
  for (const ReportedRun* run : runs) {
    first += MeanOfEpisode(*run->play, 1);
    for (size_t episode = 1; episode <= scored; ++episode) {
      sum += MeanOfEpisode(*run->play, episode);
    }
  }
  const auto count = static_cast<double>(runs.size());
  return {.first = first / count, .mean = sum / count / static_cast<double>(scored)};
}

std::string LinkFrom(const std::string& folder, const std::string& path) {
  const fs::path from = fs::weakly_canonical(fs::absolute(folder));
  return fs::weakly_canonical(fs::absolute(path)).lexically_relative(from).string();
}

/// What a row of the table of policies says, "–" where it is not known.
struct GroupCells {
  std::string value = "–", episode = "–", difference = "–";
};

GroupCells CellsOfGroup(const std::vector<ReportedGroup>& groups, size_t index,
                        GroupDifferences differences, const Digits& digits) {
  GroupCells cells;
  const std::vector<const ReportedRun*> runs = groups[index].played();
  if (runs.empty()) return cells;
  const size_t scored = runs.front()->play->scored_episode;
  cells.value = digits.Of(EstimateOfEpisode(groups[index], scored));
  cells.episode = std::to_string(scored) + " of " + std::to_string(runs.front()->play->episodes());
  if (index == 0 || differences == GroupDifferences::kLeftOut) return cells;
  if (const auto compared = CompareGroups(groups[index], groups.front())) {
    cells.difference =
        digits.Signed(compared->difference.value) + digits.BoundsOf(compared->difference);
  }
  return cells;
}

std::string LastLoss(const ReportedRun& run) {
  return run.metrics.losses.empty() ? "–" : FormatNumber(run.metrics.losses.back());
}

}  // namespace

Table GroupTable(const std::vector<ReportedGroup>& groups, GroupDifferences differences) {
  const Digits digits = DigitsOfRuns(groups);
  Table table{
      .title = "Policies",
      .caption =
          "The value is that of the last episode within training. [a, b]: 95 % interval "
          "(bootstrap) over training runs; of one run over its evaluation seeds, which says "
          "nothing about training. (a to b): range of two or three runs.",
      .header = {"policy", "training seeds", "return or error", "of episode"},
      .rows = {}};
  const bool shown = differences == GroupDifferences::kShown && groups.size() > 1;
  if (shown) {
    table.header.push_back("difference to the first");
    table.caption +=
        " Differences pair runs of equal seeds, or, of one run each, evaluation seeds.";
  }
  table.header.insert(table.header.end(), {"first episode", "mean within training"});
  for (size_t i = 0; i < groups.size(); ++i) {
    const GroupCells cells = CellsOfGroup(groups, i, differences, digits);
    const OverEpisodes over = WithinTraining(groups[i]);
    std::vector<std::string>& row = table.rows.emplace_back();
    row = {groups[i].name, std::to_string(groups[i].runs.size()), cells.value, cells.episode};
    if (shown) row.push_back(cells.difference);
    row.push_back(digits.Of(over.first));
    row.push_back(digits.Of(over.mean));
  }
  return table;
}

Table SettingTable(const std::vector<ReportedGroup>& groups) {
  Table table{.title = "Settings that differ",
              .caption = "All other keys that decide a policy or how it is played are equal.",
              .header = {"key"},
              .rows = {}};
  for (const ReportedGroup& group : groups) table.header.push_back(group.name);
  for (const DifferingSetting& setting : DifferingSettings(groups)) {
    std::vector<std::string>& row = table.rows.emplace_back();
    row.push_back(setting.key);
    row.insert(row.end(), setting.values.begin(), setting.values.end());
  }
  return table;
}

Table EveryRunTable(const std::vector<ReportedGroup>& groups, const std::string& folder) {
  const Digits digits = DigitsOfRuns(groups);
  Table table{
      .title = "Runs",
      .caption =
          "Values are means over evaluation seeds. Links lead to the files as they lay when "
          "this page was made.",
      .header = {"run", "policy", "seed", "steps", "loss", "return or error", "configuration",
                 "result", "film"},
      .rows = {}};
  for (const ReportedGroup& group : groups) {
    for (const ReportedRun* run : group.runs) {
      const std::string home = LinkFrom(folder, run->folder);
      const bool played = run->play.has_value(), filmed = !run->videos.empty();
      table.rows.push_back(
          {run->folder, group.name, std::to_string(run->options.train.seed),
           FormatNumber(static_cast<double>(run->steps)), LastLoss(*run),
           played ? digits.Of(MeanOfEpisode(*run->play, run->play->scored_episode)) : "–",
           "config.yaml", played ? fs::path(run->play->file).filename().string() : "–",
           filmed ? fs::path(run->videos.front()).filename().string() : "–"});
      table.links.push_back({home + "/", "", "", "", "", "", home + "/config.yaml",
                             played ? LinkFrom(folder, run->play->file) : "",
                             filmed ? LinkFrom(folder, run->videos.front()) : ""});
    }
  }
  return table;
}

}  // namespace longplay
