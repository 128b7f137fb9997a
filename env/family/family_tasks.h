// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include "env/physics/task.h"

namespace longplay {

// Tasks with a hidden parameter: one function per file. To add a file: declare it here, name it in
// family_tasks.cpp.
std::vector<TaskEntry> AntFamilyTasks();
std::vector<TaskEntry> CheetahFamilyTasks();
std::vector<TaskEntry> CueRecallTasks();
std::vector<TaskEntry> HiddenDynamicsTasks();
std::vector<TaskEntry> PointGoalTasks();

/// All of them.
std::vector<TaskEntry> FamilyTasks();

}  // namespace longplay
