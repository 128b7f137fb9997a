// SPDX-License-Identifier: MIT
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <iterator>
#include <memory>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "agent/recordings/reward_judge.h"
#include "apps/commands.h"
#include "datasets/validate.h"

namespace longplay {
namespace {

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

void AddValidateCommand(CLI::App& data) {
  CLI::App* command = data.add_subcommand(
      "validate", "List every problem of a data set; exit code 1 if one is an error");
  auto path = std::make_shared<std::string>();
  auto json = std::make_shared<bool>(false);
  command
      ->add_option("file", *path, "Data file or folder of any readable layout, or minari:NAME-v0")
      ->required();
  command->add_flag("--json", *json, "Print one JSON object");
  command->callback([path, json] { Validate(*path, *json); });
}

}  // namespace

void AddDataCommand(CLI::App& app) {
  CLI::App* data = app.add_subcommand("data", "Check, describe, convert and import data sets")
                       ->require_subcommand(1);
  AddDataInfoCommand(*data);
  AddValidateCommand(*data);
  AddConvertCommand(*data);
  AddImportTableCommand(*data);
  AddRelabelCommand(*data);
  AddReplayCommand(*data);
}

}  // namespace longplay
