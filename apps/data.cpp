// SPDX-License-Identifier: MIT
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <stdexcept>

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
}

}  // namespace longplay
