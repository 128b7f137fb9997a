// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include "env/physics/task.h"

namespace longplay {

// The tasks of literature/ that need MuJoCo; see env/literature/literature_tasks.h.
std::vector<TaskEntry> LiteratureAntTasks();
std::vector<TaskEntry> LiteratureCheetahTasks();
std::vector<TaskEntry> LiteratureDynamicsTasks();

/// All of them.
inline std::vector<TaskEntry> PhysicsLiteratureTasks() {
  std::vector<TaskEntry> all;
  for (const auto& tasks :
       {LiteratureAntTasks(), LiteratureCheetahTasks(), LiteratureDynamicsTasks()}) {
    all.insert(all.end(), tasks.begin(), tasks.end());
  }
  return all;
}

}  // namespace longplay
