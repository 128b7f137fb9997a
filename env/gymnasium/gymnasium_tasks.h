// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include "env/physics/task.h"

namespace longplay {

// Gymnasium's MuJoCo tasks: one function per file. To add a file: declare it here and name
// it in the list below.
std::vector<TaskEntry> AntTasks();
std::vector<TaskEntry> HalfCheetahTasks();
std::vector<TaskEntry> HopperTasks();
std::vector<TaskEntry> HumanoidTasks();
std::vector<TaskEntry> InvertedPendulumTasks();
std::vector<TaskEntry> ReacherTasks();
std::vector<TaskEntry> SwimmerTasks();

/// All of them.
inline std::vector<TaskEntry> GymnasiumTasks() {
  std::vector<TaskEntry> all;
  for (const auto& tasks : {AntTasks(), HalfCheetahTasks(), HopperTasks(), HumanoidTasks(),
                            InvertedPendulumTasks(), ReacherTasks(), SwimmerTasks()}) {
    all.insert(all.end(), tasks.begin(), tasks.end());
  }
  return all;
}

}  // namespace longplay
