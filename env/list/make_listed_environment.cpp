// SPDX-License-Identifier: MIT
#include "env/list/make_listed_environment.h"

#include <map>
#include <stdexcept>

#include "env/list/environment_id.h"
#include "env/list/task_list.h"
#include "env/task_arguments.h"

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

std::unique_ptr<Environment> MakeListedEnvironment(const std::string& id,
                                                   const EnvironmentOptions& options) {
  CheckOptions(options);
  const EnvironmentId parsed = ParseEnvironmentId(id);
  const EnvironmentEntry& entry = FindEnvironment(parsed.name);
  TaskArguments arguments(parsed.name, Arguments(parsed, options));
  EnvironmentSpec spec = entry.spec;
  spec.id = id;
  std::unique_ptr<Environment> environment = entry.make(spec, arguments, options);
  arguments.CheckAllUsed();
  return environment;
}

}  // namespace longplay
