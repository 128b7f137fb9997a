// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include "env/physics/task.h"

namespace longplay {

// Tasks with a hidden parameter: one function per file. To add a file: declare it here and name
// it in the list below.
std::vector<TaskEntry> AntFamilyTasks();
std::vector<TaskEntry> CheetahFamilyTasks();
std::vector<TaskEntry> CueRecallTasks();
std::vector<TaskEntry> HiddenDynamicsTasks();
std::vector<TaskEntry> PointGoalTasks();

/// All of them.
inline std::vector<TaskEntry> FamilyTasks() {
  std::vector<TaskEntry> all;
  for (const auto& tasks : {AntFamilyTasks(), CheetahFamilyTasks(), CueRecallTasks(),
                            HiddenDynamicsTasks(), PointGoalTasks()}) {
    all.insert(all.end(), tasks.begin(), tasks.end());
  }
  return all;
}

}  // namespace longplay
