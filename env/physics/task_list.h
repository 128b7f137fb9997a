// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "env/physics/task.h"

namespace longplay {

// One function per file of tasks. To add a file: declare it here, name it in task_list.cpp.
std::vector<TaskEntry> AcrobotTasks();
std::vector<TaskEntry> AntFamilyTasks();
std::vector<TaskEntry> AntTasks();
std::vector<TaskEntry> BallInCupTasks();
std::vector<TaskEntry> CartpoleTasks();
std::vector<TaskEntry> CheetahFamilyTasks();
std::vector<TaskEntry> CheetahTasks();
std::vector<TaskEntry> CueRecallTasks();
std::vector<TaskEntry> DmHopperTasks();
std::vector<TaskEntry> DmHumanoidTasks();
std::vector<TaskEntry> DmReacherTasks();
std::vector<TaskEntry> DmSwimmerTasks();
std::vector<TaskEntry> FingerTasks();
std::vector<TaskEntry> FishTasks();
std::vector<TaskEntry> HalfCheetahTasks();
std::vector<TaskEntry> HiddenDynamicsTasks();
std::vector<TaskEntry> HopperTasks();
std::vector<TaskEntry> HumanoidTasks();
std::vector<TaskEntry> InvertedPendulumTasks();
std::vector<TaskEntry> JacoTasks();
std::vector<TaskEntry> PendulumTasks();
std::vector<TaskEntry> PointGoalTasks();
std::vector<TaskEntry> PointMassMazeTasks();
std::vector<TaskEntry> PointMassTasks();
std::vector<TaskEntry> QuadrupedTasks();
std::vector<TaskEntry> ReacherTasks();
std::vector<TaskEntry> SwimmerTasks();
std::vector<TaskEntry> WalkerTasks();

/// Every task, sorted by id.
const std::vector<TaskEntry>& AllTasks();

/// Throws std::invalid_argument naming close ids when there is no such task.
const TaskEntry& FindTask(const std::string& id);

}  // namespace longplay
