// SPDX-License-Identifier: MIT
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>

#include "agent/progress_bar.h"
#include "agent/replay_file.h"
#include "agent/version.h"
#include "apps/commands.h"
#include "datasets/trajectory_set.h"
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

void Info(const std::string& path, bool json) {
  const TrajectorySet set = TrajectorySet::Load({path});
  std::vector<double> returns, lengths;
  for (int64_t e = 0; e < set.episodes(); ++e) {
    returns.push_back(set.episode_return(e));
    lengths.push_back(static_cast<double>(set.length(e)));
  }
  const nlohmann::json info = {{"format", set.info().format},
                               {"episodes", set.episodes()},
                               {"steps", set.steps()},
                               {"observation_size", set.info().observation_size},
                               {"action_size", set.info().action_size},
                               {"returns", Spread(returns)},
                               {"lengths", Spread(lengths)}};
  std::puts(json ? info.dump().c_str() : info.dump(2).c_str());
}

void Validate(const std::string& path, bool json) {
  const std::vector<Problem> problems = ValidateDataset(path);
  nlohmann::json list = nlohmann::json::array();
  int64_t errors = 0;
  for (const Problem& problem : problems) {
    const bool is_error = problem.severity == Severity::kError;
    errors += is_error ? 1 : 0;
    list.push_back({{"severity", is_error ? "error" : "warning"},
                    {"where", problem.where},
                    {"problem", problem.problem}});
    if (json) continue;
    std::printf("%s: %s: %s\n", is_error ? "error" : "warning", problem.where.c_str(),
                problem.problem.c_str());
  }
  if (json) {
    std::puts(nlohmann::json{{"valid", errors == 0}, {"problems", list}}.dump().c_str());
  } else if (errors == 0) {
    std::printf("%s: valid\n", path.c_str());
  }
  std::fflush(stdout);
  if (errors > 0) {
    throw std::runtime_error("validating data: " + path + ": expected no errors, got " +
                             std::to_string(errors));
  }
}

struct ReplayArguments {
  std::string file, environment;
  int threads = 0;
  bool json = false;
};

void ReplayData(const ReplayArguments& arguments) {
  std::optional<ProgressBar> bar;
  const ReplayedFile replayed = ReplayFile(arguments.file, arguments.environment, arguments.threads,
                                           [&](int64_t done, int64_t of) {
                                             if (!bar)
                                               bar.emplace("replay " + arguments.file, of, "steps");
                                             bar->Update(done);
                                           });
  if (bar) bar->Finish();
  const ReplayResult& result = replayed.result;
  if (arguments.json) {
    const nlohmann::json json = {{"env", replayed.environment},
                                 {"steps", result.steps},
                                 {"max_observation_error", result.max_observation_error},
                                 {"max_reward_error", result.max_reward_error},
                                 {"end_mismatches", result.end_mismatches},
                                 {"diverged", result.diverged}};
    std::puts(json.dump().c_str());
    return;
  }
  const std::string recorded =
      replayed.recorded_version.empty() ? "an unnamed version" : replayed.recorded_version;
  std::printf("%s: %ld steps, recorded with MuJoCo %s, replayed with %s\n",
              replayed.environment.c_str(), static_cast<long>(result.steps), recorded.c_str(),
              nlohmann::json(Versions())["mujoco"].get<std::string>().c_str());
  std::printf(
      "largest difference: observations %.3g, rewards %.3g; ends that differ: %ld; "
      "diverged: %ld\n",
      result.max_observation_error, result.max_reward_error,
      static_cast<long>(result.end_mismatches), static_cast<long>(result.diverged));
}

void AddReplayCommand(CLI::App& data) {
  CLI::App* command = data.add_subcommand(
      "replay", "Play recorded actions from recorded states in the simulator and compare");
  auto arguments = std::make_shared<ReplayArguments>();
  command->add_option("file", arguments->file, "HDF5 file in D4RL's layout with recorded states")
      ->required();
  command->add_option("--env", arguments->environment, "Environment id (default: the file's)");
  command->add_option("--threads", arguments->threads, "0 = one per core")->capture_default_str();
  command->add_flag("--json", arguments->json, "Print one JSON object");
  command->callback([arguments] { ReplayData(*arguments); });
}

void AddFileCommand(CLI::App& data, const std::string& name, const std::string& text,
                    void (*run)(const std::string& path, bool json)) {
  CLI::App* command = data.add_subcommand(name, text);
  auto path = std::make_shared<std::string>();
  auto json = std::make_shared<bool>(false);
  command->add_option("file", *path, "HDF5 file (D4RL or Minari layout) or Minari folder")
      ->required();
  command->add_flag("--json", *json, "Print one JSON object");
  command->callback([path, json, run] { run(*path, *json); });
}

}  // namespace

void AddDataCommand(CLI::App& app) {
  CLI::App* data = app.add_subcommand("data", "Look at data sets")->require_subcommand(1);
  AddFileCommand(*data, "info", "What a file holds", Info);
  AddFileCommand(*data, "validate", "Every problem of a file; exit code 1 if it has an error",
                 Validate);
  AddReplayCommand(*data);
}

}  // namespace longplay
