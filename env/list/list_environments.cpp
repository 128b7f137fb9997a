// SPDX-License-Identifier: MIT
#include "env/list/list_environments.h"

#include "env/list/task_list.h"
#include "env/literature/literature_tasks.h"

namespace longplay {

std::vector<EnvironmentSpec> ListEnvironments() {
  std::vector<EnvironmentSpec> specs;
  for (const EnvironmentEntry& entry : AllEnvironments()) specs.push_back(entry.spec);
  return specs;
}

std::string TasksOf(const EnvironmentSpec& spec) {
  if (spec.id.starts_with("literature/")) return LiteratureList(spec.id);
  return spec.parameter_size > 0 ? "ours" : "";
}

}  // namespace longplay
