// SPDX-License-Identifier: MIT
#include "agent/run_report/reported_run.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <stdexcept>

#include "agent/comparison/comparison_runner.h"
#include "agent/config/config.h"
#include "agent/config/config_json.h"
#include "agent/evaluation/result_file.h"
#include "agent/runs/run_folder.h"
#include "agent/runs/scored_episode.h"
#include "agent/scores/statistics.h"

namespace longplay {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

[[noreturn]] void RefusePath(const std::string& path, const std::string& got) {
  throw std::invalid_argument(
      "reporting: " + path + ": expected a folder of `longplay train` or `longplay compare`, got " +
      got);
}

Json JsonOf(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return Json::parse(text.str(), nullptr, false);
}

/// Below `folder`, by name.
std::vector<std::string> FilesWith(const std::string& folder, const std::string& extension) {
  std::vector<std::string> files;
  if (!fs::is_directory(folder)) return files;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() == extension) files.push_back(entry.path().string());
  }
  std::ranges::sort(files);
  return files;
}

/// Results of this run alone, the newest first.
std::vector<std::string> ResultFiles(const std::string& folder) {
  std::vector<std::string> files = FilesWith(folder + "/evaluations", ".json");
  std::ranges::stable_sort(files, [](const std::string& a, const std::string& b) {
    return fs::last_write_time(a) > fs::last_write_time(b);
  });
  const std::string own = folder + "/evaluation.json";
  if (fs::exists(own)) files.insert(files.begin(), own);
  return files;
}

std::vector<double> MeanErrors(const Json& result) {
  std::vector<double> means;
  for (const Json& row : result.at("error")) means.push_back(row.at("mean"));
  return means;
}

/// What a result of `longplay eval` says; nothing where it is of several runs.
std::optional<MeasuredPlay> PlayOf(const std::string& file, RunOptions& options) {
  const Json result = ReadResult(file);
  if (result.at("runs").size() != 1) return std::nullopt;
  MeasuredPlay play{.environment = {}, .returns = {}, .file = file};
  if (result.at("kind") == "returns") {
    options.evaluate = EvaluateFromJson(result.at("options"));
    play.environment = result.at("environment");
    options.evaluate.environment = play.environment;
    play.returns = result.at("returns").get<std::vector<std::vector<double>>>();
  } else {
    // Of errors a result keeps the means.
    play.returns = {MeanErrors(result)};
  }
  if (play.returns.empty() || play.returns.front().empty()) return std::nullopt;
  return play;
}

/// Errors that a comparison measured where there is no simulator.
std::optional<MeasuredPlay> ErrorsOf(const std::string& folder) {
  const std::string file = folder + "/result.json";
  const Json result = JsonOf(file);
  if (!result.is_object() || !result.contains("outcome")) return std::nullopt;
  const RunOutcome outcome = OutcomeFromJson(result["outcome"], file);
  if (outcome.errors.empty() || outcome.errors.front().empty()) return std::nullopt;
  return MeasuredPlay{.environment = {}, .returns = outcome.errors, .file = file};
}

void ReadPlay(ReportedRun& run) {
  for (const std::string& file : ResultFiles(run.folder)) {
    run.play = PlayOf(file, run.options);
    if (run.play) break;
  }
  if (!run.play) run.play = ErrorsOf(run.folder);
  if (!run.play) return;
  RunOptions played = run.options;
  played.evaluate.environment = run.play->environment;
  run.play->episodes_apart = PlaysEpisodesApart(played);
  const auto scored = static_cast<size_t>(std::max<int64_t>(1, ScoredEpisode(played)));
  run.play->scored_episode = std::min(scored, run.play->episodes());
}

ReportedRun ReadReportedRun(const std::string& folder, const std::string& name) {
  ReportedRun run{.folder = folder, .name = name};
  const std::string checkpoint = NewestReadableCheckpoint(folder);
  const std::string config = (checkpoint.empty() ? folder : checkpoint) + "/config.yaml";
  run.options = LoadConfig(config, {});
  if (!checkpoint.empty()) {
    run.steps = std::stoll(fs::path(checkpoint).filename().string().substr(std::size("step_") - 1));
    const Json record = JsonOf(checkpoint + "/policy.json");
    const auto hash = record.find("data_hash");
    if (hash != record.end()) run.data_hash = hash->is_string() ? *hash : Json(hash->dump());
  }
  run.metrics = ReadMetrics(folder);
  run.videos = FilesWith(folder, ".mp4");
  ReadPlay(run);
  return run;
}

/// The runs of a comparison that have begun, by row.
void AddComparedRuns(const std::string& path, std::vector<ReportedRun>& runs) {
  const Comparison comparison = LoadResults(path);
  const size_t before = runs.size();
  for (size_t row = 0; row < comparison.rows.size(); ++row) {
    for (const ComparedRun& run : comparison.runs) {
      const std::string folder = path + "/" + run.folder;
      if (run.row != row || !fs::exists(folder + "/config.yaml")) continue;
      const std::string task =
          comparison.tasks.size() > 1 ? ", " + comparison.tasks[run.task].name : "";
      runs.push_back(ReadReportedRun(folder, comparison.rows[row].name + task));
    }
  }
  if (runs.size() == before) RefusePath(path, "a comparison of which no run has begun");
}

/// "runs/hopper/" without what is not needed.
std::string Tidy(const std::string& path) {
  const fs::path whole = fs::path(path).lexically_normal();
  return (whole.has_filename() ? whole : whole.parent_path()).string();
}

void AddRuns(const std::string& path, std::vector<ReportedRun>& runs) {
  if (!fs::exists(path)) RefusePath(path, "none: there is no such folder");
  if (!fs::is_directory(path)) RefusePath(path, "a file");
  if (fs::exists(path + "/comparison.json")) return AddComparedRuns(path, runs);
  if (fs::exists(path + "/policy.json")) {
    RefusePath(path, "a checkpoint (name the run's folder, two above it)");
  }
  if (!fs::exists(path + "/config.yaml")) {
    RefusePath(path, "one without config.yaml and comparison.json");
  }
  runs.push_back(ReadReportedRun(path, RunName(path)));
}

}  // namespace

std::vector<ReportedRun> ReadReportedRuns(const std::vector<std::string>& paths) {
  std::vector<ReportedRun> runs;
  std::vector<std::string> seen;
  for (const std::string& given : paths) {
    const std::string path = Tidy(given);
    const std::string place = fs::weakly_canonical(path).string();
    if (std::ranges::count(seen, place) > 0) continue;
    seen.push_back(place);
    AddRuns(path, runs);
  }
  return runs;
}

std::vector<double> ValuesOfEpisode(const MeasuredPlay& play, size_t episode) {
  std::vector<double> values;
  for (const std::vector<double>& context : play.returns) {
    if (episode > context.size() || std::isnan(context[episode - 1])) continue;
    values.push_back(context[episode - 1]);
  }
  return values;
}

double MeanOfEpisode(const MeasuredPlay& play, size_t episode) {
  const std::vector<double> values = ValuesOfEpisode(play, episode);
  return values.empty() ? NAN : Mean(values);
}

}  // namespace longplay
