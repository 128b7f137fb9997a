// SPDX-License-Identifier: MIT
#include "env/gymnasium/gymnasium_tasks.h"

namespace longplay {

std::vector<TaskEntry> GymnasiumTasks() {
  std::vector<TaskEntry> all;
  for (const auto& tasks : {AntTasks(), HalfCheetahTasks(), HopperTasks(), HumanoidTasks(),
                            InvertedPendulumTasks(), ReacherTasks(), SwimmerTasks()}) {
    all.insert(all.end(), tasks.begin(), tasks.end());
  }
  return all;
}

}  // namespace longplay
