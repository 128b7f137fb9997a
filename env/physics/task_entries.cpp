// SPDX-License-Identifier: MIT
#include "env/physics/task_entries.h"

#include <memory>
#include <utility>

#include "env/physics/mujoco_environment.h"

namespace longplay {
namespace {

EnvironmentSpec SpecOf(const TaskEntry& task) {
  return {.id = task.id,
          .observation_size = task.observation_size,
          .action_size = task.action_size,
          .max_episode_steps = task.max_episode_steps,
          .action_low = {},
          .action_high = {},
          .parameter_size = task.parameter_size};
}

}  // namespace

std::vector<EnvironmentEntry> EnvironmentEntries(const std::vector<TaskEntry>& tasks) {
  std::vector<EnvironmentEntry> entries;
  for (const TaskEntry& entry : tasks) {
    const auto make = [make_task = entry.make](const EnvironmentSpec& listed,
                                               TaskArguments& arguments,
                                               const EnvironmentOptions& options) {
      std::unique_ptr<Task> task = make_task(arguments);
      EnvironmentSpec spec = listed;
      spec.observation_size = task->observation_size(listed.observation_size);
      return std::make_unique<MujocoEnvironment>(spec, std::move(task), options);
    };
    entries.push_back({.spec = SpecOf(entry), .make = make});
  }
  return entries;
}

}  // namespace longplay
