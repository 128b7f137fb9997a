// SPDX-License-Identifier: MIT
#include "env/list/list_environments.h"

#include "env/list/task_list.h"

namespace longplay {

std::vector<EnvironmentSpec> ListEnvironments() {
  std::vector<EnvironmentSpec> specs;
  for (const TaskEntry& task : AllTasks()) specs.push_back(SpecOf(task));
  return specs;
}

}  // namespace longplay
