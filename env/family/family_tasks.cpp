// SPDX-License-Identifier: MIT
#include "env/family/family_tasks.h"

namespace longplay {

std::vector<TaskEntry> FamilyTasks() {
  std::vector<TaskEntry> all;
  for (const auto& tasks : {AntFamilyTasks(), CheetahFamilyTasks(), CueRecallTasks(),
                            HiddenDynamicsTasks(), PointGoalTasks()}) {
    all.insert(all.end(), tasks.begin(), tasks.end());
  }
  return all;
}

}  // namespace longplay
