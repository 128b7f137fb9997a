// SPDX-License-Identifier: MIT
#include "env/dm_control/dm_control_tasks.h"

namespace longplay {

std::vector<TaskEntry> DmControlTasks() {
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
