// SPDX-License-Identifier: MIT
#include "agent/films/run_films.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <stdexcept>

#include "agent/evaluation/film.h"
#include "agent/runs/checkpoint.h"
#include "agent/stop_signal.h"
#include "agent/summary/comparison_summary.h"
#include "agent/summary/digits.h"
#include "agent/summary/run_samples.h"

namespace longplay {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kMostFrames = 900;  // a minute of film

/// Of the scored episode, over its evaluation seeds.
double ValueOf(const ComparedRun& run) {
  const std::vector<double> mean = Samples({&run}, SampleOf::kTrainingRuns, Last);
  return mean.empty() ? NAN : mean.front();
}

/// The row with the largest return on a task, or none that has a run.
std::optional<size_t> BestRow(const Comparison& comparison, size_t task, Budget budget) {
  std::optional<size_t> best;
  double largest = -INFINITY;
  for (size_t row = 0; row < comparison.rows.size(); ++row) {
    const RowSummary summary = Summarise(comparison, row, task, budget);
    if (!summary.play || !(summary.play->last.value > largest)) continue;
    best = row;
    largest = summary.play->last.value;
  }
  return best;
}

std::string CaptionOf(const Comparison& comparison, const ComparedRun& run,
                      const std::string& which) {
  const double value = ValueOf(run);
  return which + ": " + comparison.rows[run.row].name + ", seed " + std::to_string(run.seed) +
         ", return " + Digits(std::abs(value)).Of(value) +
         " over its evaluation seeds; the film shows one of them.";
}

void AddRunsOfTask(const Comparison& comparison, size_t task, std::vector<RunToFilm>& films) {
  const Budget budget = ViewsOf(comparison).front().budget;
  const std::optional<size_t> row = BestRow(comparison, task, budget);
  if (!row) return;
  std::vector<const ComparedRun*> runs = DoneRuns(comparison, *row, task, budget);
  std::ranges::stable_sort(runs, std::greater(),
                           [](const ComparedRun* run) { return ValueOf(*run); });
  const auto add = [&](const ComparedRun& run, const std::string& which) {
    films.push_back({.run = static_cast<size_t>(&run - comparison.runs.data()),
                     .caption = CaptionOf(comparison, run, which)});
  };
  if (runs.size() == 1) return add(*runs.front(), "The only run of the best row");
  add(*runs.front(), "The best run");
  add(*runs[runs.size() / 2], "The median run");
}

std::string FilmBelow(const std::string& out, const ComparedRun& run) {
  return FilmOfRun(out + "/" + run.folder);
}

/// The first section about the task.
ReportSection& SectionOfTask(Report& report, const Comparison& comparison, size_t task) {
  const std::string prefix = comparison.tasks[task].name + ": ";
  const auto found = std::ranges::find_if(report.sections, [&](const ReportSection& section) {
    return section.title.starts_with(prefix);
  });
  // One task has no prefix, and the first section is its own.
  return found == report.sections.end() ? report.sections.front() : *found;
}

}  // namespace

std::vector<RunToFilm> RunsToFilm(const Comparison& comparison) {
  std::vector<RunToFilm> films;
  for (size_t task = 0; task < comparison.tasks.size(); ++task) {
    if (PlaysIn(comparison.tasks[task])) AddRunsOfTask(comparison, task, films);
  }
  return films;
}

std::vector<std::string> FilmRuns(const Comparison& comparison, const std::string& out) {
  std::vector<std::string> notes;
  for (const RunToFilm& film : RunsToFilm(comparison)) {
    const ComparedRun& run = comparison.runs[film.run];
    const std::string path = FilmBelow(out, run);
    if (fs::exists(path)) continue;
    if (!StopSignal().empty()) break;
    try {
      const LoadedPolicy policy = LoadPolicy(out + "/" + run.folder, torch::kCPU);
      Film(policy, policy.record.options.evaluate, {.frames = kMostFrames}, path);
    } catch (const std::exception& error) {
      // Numbers are there without pictures.
      notes.push_back("no film of " + run.folder + ": " + error.what());
    }
  }
  return notes;
}

void AddFilms(const Comparison& comparison, const std::string& out, Report& report) {
  // Which runs are worth a film takes bootstraps to say: not for each report of a run without any.
  const auto is_filmed = [&](const ComparedRun& run) { return fs::exists(FilmBelow(out, run)); };
  if (std::ranges::none_of(comparison.runs, is_filmed)) return;
  for (const RunToFilm& film : RunsToFilm(comparison)) {
    const ComparedRun& run = comparison.runs[film.run];
    const std::string path = FilmBelow(out, run);
    if (!is_filmed(run) || fs::file_size(path) > kLargestVideo) continue;
    SectionOfTask(report, comparison, run.task).videos.push_back({path, film.caption});
  }
}

}  // namespace longplay
