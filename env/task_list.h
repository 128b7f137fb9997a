// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "env/task.h"

namespace longplay {

// One function per file of tasks. To add a file: declare it here, name it in task_list.cpp.
std::vector<TaskEntry> AntTasks();
std::vector<TaskEntry> CartpoleTasks();
std::vector<TaskEntry> HalfCheetahTasks();
std::vector<TaskEntry> HopperTasks();
std::vector<TaskEntry> HumanoidTasks();
std::vector<TaskEntry> InvertedPendulumTasks();
std::vector<TaskEntry> PointGoalTasks();
std::vector<TaskEntry> ReacherTasks();
std::vector<TaskEntry> SwimmerTasks();

/// Every task, sorted by id.
const std::vector<TaskEntry>& AllTasks();

/// Throws std::invalid_argument naming close ids when there is no such task.
const TaskEntry& FindTask(const std::string& id);

}  // namespace longplay
