// SPDX-License-Identifier: MIT
#include "env/list/make_listed_environment.h"

#include <map>
#include <memory>
#include <stdexcept>
#include <utility>

#include "env/list/environment_id.h"
#include "env/list/task_list.h"
#include "env/physics/mujoco_log.h"

namespace longplay {
namespace {

/// The task's arguments: those of the id, and those of the options. Throws for one in both.
std::map<std::string, std::string> Arguments(const EnvironmentId& id,
                                             const EnvironmentOptions& options) {
  auto arguments = options.arguments;
  for (const auto& [name, value] : id.arguments) {
    if (arguments.emplace(name, value).second) continue;
    throw std::invalid_argument("making an environment: " + id.name + ": expected argument " +
                                name + " once, got it in the id and in the options");
  }
  return arguments;
}

}  // namespace

BatchedEnvironment MakeListedEnvironment(const std::string& id, const EnvironmentOptions& options) {
  InstallMujocoLog();
  CheckOptions(options);
  const EnvironmentId parsed = ParseEnvironmentId(id);
  const TaskEntry& entry = FindTask(parsed.name);
  TaskArguments arguments(parsed.name, Arguments(parsed, options));
  std::unique_ptr<Task> task = entry.make(arguments);
  arguments.CheckAllUsed();
  EnvironmentSpec spec = SpecOf(entry);
  spec.id = id;
  spec.observation_size = task->observation_size(entry.observation_size);
  return {spec, std::move(task), options};
}

}  // namespace longplay
