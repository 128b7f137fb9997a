// SPDX-License-Identifier: MIT
#include "env/list/make_listed_environment.h"

#include <cstdio>
#include <map>
#include <mutex>
#include <set>
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

/// Once a process: each environment that is made would repeat it. From any thread.
void SayOnce(const std::string& note) {
  static std::mutex mutex;
  static std::set<std::string> said;
  const std::lock_guard lock(mutex);
  if (said.insert(note).second) std::fprintf(stderr, "note: %s\n", note.c_str());
}

}  // namespace

std::unique_ptr<Environment> MakeListedEnvironment(const std::string& id,
                                                   const EnvironmentOptions& options) {
  CheckOptions(options);
  const EnvironmentId parsed = ParseEnvironmentId(id);
  const auto& [entry, note] = FindEnvironment(parsed.name);
  if (!note.empty()) SayOnce(note);
  TaskArguments arguments(entry.spec.id, Arguments(parsed, options));
  // The arguments stay part of the id: with others it is another task.
  EnvironmentSpec spec = entry.spec;
  if (const size_t question = id.find('?'); question != std::string::npos) {
    spec.id += id.substr(question);
  }
  std::unique_ptr<Environment> environment = entry.make(spec, arguments, options);
  // Only after the task was made is it known which arguments it has.
  arguments.CheckAllUsed();
  return environment;
}

}  // namespace longplay
