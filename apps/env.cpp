// SPDX-License-Identifier: MIT
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "apps/commands.h"
#include "env/list/list_environments.h"

namespace longplay {
namespace {

void PrintJson(const std::vector<EnvironmentSpec>& specs) {
  nlohmann::json list = nlohmann::json::array();
  for (const EnvironmentSpec& spec : specs) {
    list.push_back({{"id", spec.id},
                    {"observation_size", spec.observation_size},
                    {"action_size", spec.action_size},
                    {"max_episode_steps", spec.max_episode_steps},
                    {"tasks", TasksOf(spec)}});
  }
  std::puts(list.dump().c_str());
}

void PrintTable(const std::vector<EnvironmentSpec>& specs) {
  std::printf("%-44s %12s %7s %6s  %s\n", "id", "observation", "action", "steps", "hidden tasks");
  for (const EnvironmentSpec& spec : specs) {
    const std::string tasks = TasksOf(spec);
    std::printf("%-44s %12ld %7ld %6ld%s%s\n", spec.id.c_str(),
                static_cast<long>(spec.observation_size), static_cast<long>(spec.action_size),
                static_cast<long>(spec.max_episode_steps), tasks.empty() ? "" : "  ",
                tasks.c_str());
  }
}

}  // namespace

void AddEnvCommand(CLI::App& app) {
  CLI::App* command = app.add_subcommand("env", "List the simulated environments");
  command->require_subcommand(1);
  CLI::App* list = command->add_subcommand("list", "List environment ids with their sizes");
  auto json = std::make_shared<bool>(false);
  list->add_flag("--json", *json, "Print one JSON array");
  list->callback([json] {
    if (*json) {
      PrintJson(ListEnvironments());
    } else {
      PrintTable(ListEnvironments());
    }
  });
}

}  // namespace longplay
