// SPDX-License-Identifier: MIT
#include "env/list/list_environments.h"

#include "env/list/task_list.h"

namespace longplay {

std::vector<EnvironmentSpec> ListEnvironments() {
  std::vector<EnvironmentSpec> specs;
  for (const EnvironmentEntry& entry : AllEnvironments()) specs.push_back(entry.spec);
  return specs;
}

}  // namespace longplay
