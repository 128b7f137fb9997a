// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include "env/physics/task.h"

namespace longplay {

// Dm_control's suite and ExoRL's own tasks: one function per file. To add a file: declare it here
// and name it in the list below.
std::vector<TaskEntry> AcrobotTasks();
std::vector<TaskEntry> BallInCupTasks();
std::vector<TaskEntry> CartpoleTasks();
std::vector<TaskEntry> CheetahTasks();
std::vector<TaskEntry> DmHopperTasks();
std::vector<TaskEntry> DmHumanoidTasks();
std::vector<TaskEntry> DmReacherTasks();
std::vector<TaskEntry> DmSwimmerTasks();
std::vector<TaskEntry> FingerTasks();
std::vector<TaskEntry> FishTasks();
std::vector<TaskEntry> JacoTasks();
std::vector<TaskEntry> PendulumTasks();
std::vector<TaskEntry> PointMassMazeTasks();
std::vector<TaskEntry> PointMassTasks();
std::vector<TaskEntry> QuadrupedTasks();
std::vector<TaskEntry> WalkerTasks();

/// All of them.
inline std::vector<TaskEntry> DmControlTasks() {
  std::vector<TaskEntry> all;
  for (const auto& tasks :
       {AcrobotTasks(), BallInCupTasks(), CartpoleTasks(), CheetahTasks(), DmHopperTasks(),
        DmHumanoidTasks(), DmReacherTasks(), DmSwimmerTasks(), FingerTasks(), FishTasks(),
        JacoTasks(), PendulumTasks(), PointMassMazeTasks(), PointMassTasks(), QuadrupedTasks(),
        WalkerTasks()}) {
    all.insert(all.end(), tasks.begin(), tasks.end());
  }
  return all;
}

}  // namespace longplay
