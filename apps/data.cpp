// SPDX-License-Identifier: MIT
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <iterator>
#include <memory>
#include <nlohmann/json.hpp>
#include <numeric>
#include <stdexcept>

#include "agent/recordings/reward_judge.h"
#include "apps/commands.h"
#include "datasets/episode_reader.h"
#include "datasets/validate.h"

namespace longplay {
namespace {

nlohmann::json Spread(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return {{"min", std::ranges::min(values)},
          {"mean", sum / static_cast<double>(values.size())},
          {"max", std::ranges::max(values)}};
}

/// Rows of a bar each, for a terminal.
void PrintHistogram(const char* title, const std::vector<double>& values) {
  constexpr int kRows = 10, kWidth = 50;
  const double low = std::ranges::min(values), high = std::ranges::max(values);
  if (low == high) {
    std::printf("%s: all %g\n", title, low);
    return;
  }
  // Bins of equal width; the largest value falls into the last one.
  std::vector<int64_t> counts(kRows, 0);
  for (const double value : values) {
    counts[std::min(kRows - 1, static_cast<int>((value - low) / (high - low) * kRows))] += 1;
  }
  std::printf("%s\n", title);
  for (int row = 0; row < kRows; ++row) {
    const double from = low + (high - low) * row / kRows;
    // The longest bar is the full width; rounded up, so that one episode is seen.
    const auto bar = static_cast<size_t>(std::ceil(static_cast<double>(counts[row] * kWidth) /
                                                   static_cast<double>(std::ranges::max(counts))));
    std::printf("%12.6g  %-50s %ld\n", from, std::string(bar, '#').c_str(),
                static_cast<long>(counts[row]));
  }
}

void Info(const std::string& path, bool json) {
  const std::unique_ptr<EpisodeReader> reader = OpenDataset(path);
  const DatasetInfo& info = reader->info();
  std::vector<double> returns, lengths;
  Episode episode;
  // One episode in memory at a time.
  for (int64_t e = 0; e < info.episodes; ++e) {
    reader->Read(e, episode);
    returns.push_back(std::accumulate(episode.rewards.begin(), episode.rewards.end(), 0.0));
    lengths.push_back(static_cast<double>(episode.length()));
  }
  const nlohmann::json summary = {{"format", info.format},
                                  {"episodes", info.episodes},
                                  {"steps", info.steps},
                                  {"observation_size", info.observation_size},
                                  {"action_size", info.action_size},
                                  {"returns", Spread(returns)},
                                  {"lengths", Spread(lengths)}};
  if (json) {
    std::puts(summary.dump().c_str());
    return;
  }
  std::puts(summary.dump(2).c_str());
  PrintHistogram("episodes by return", returns);
  PrintHistogram("episodes by length", lengths);
}

void Validate(const std::string& path, bool json) {
  std::vector<Problem> problems = ValidateDataset(path);
  const auto is_error = [](const Problem& p) { return p.severity == Severity::kError; };
  // Only a file without errors is played.
  if (std::ranges::none_of(problems, is_error)) {
    std::ranges::copy(CheckRewards(path), std::back_inserter(problems));
  }
  nlohmann::json list = nlohmann::json::array();
  int64_t errors = 0;
  for (const Problem& problem : problems) {
    const char* severity = is_error(problem) ? "error" : "warning";
    errors += is_error(problem) ? 1 : 0;
    list.push_back(
        {{"severity", severity}, {"where", problem.where}, {"problem", problem.problem}});
    if (json) continue;
    std::printf("%s: %s: %s\n", severity, problem.where.c_str(), problem.problem.c_str());
  }
  if (json) {
    std::puts(nlohmann::json{{"valid", errors == 0}, {"problems", list}}.dump().c_str());
  } else if (errors == 0) {
    std::printf("%s: valid\n", path.c_str());
  }
  std::fflush(stdout);
  // All problems are printed by now; this makes the exit code.
  if (errors > 0) {
    throw std::runtime_error("validating data: " + path + ": expected no errors, got " +
                             std::to_string(errors));
  }
}

void AddFileCommand(CLI::App& data, const std::string& name, const std::string& text,
                    void (*run)(const std::string& path, bool json)) {
  CLI::App* command = data.add_subcommand(name, text);
  auto path = std::make_shared<std::string>();
  auto json = std::make_shared<bool>(false);
  command->add_option("file", *path, "Data file or folder of any readable layout")->required();
  command->add_flag("--json", *json, "Print one JSON object");
  command->callback([path, json, run] { run(*path, *json); });
}

}  // namespace

void AddDataCommand(CLI::App& app) {
  CLI::App* data = app.add_subcommand("data", "Look at data sets")->require_subcommand(1);
  AddFileCommand(*data, "info", "What a file holds", Info);
  AddFileCommand(*data, "validate", "Every problem of a file; exit code 1 if it has an error",
                 Validate);
  AddConvertCommand(*data);
  AddRelabelCommand(*data);
  AddReplayCommand(*data);
}

}  // namespace longplay
