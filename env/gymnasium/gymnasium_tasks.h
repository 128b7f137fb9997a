// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include "env/physics/task.h"

namespace longplay {

// Gymnasium's MuJoCo tasks: one function per file. To add a file: declare it here, name it in
// gymnasium_tasks.cpp.
std::vector<TaskEntry> AntTasks();
std::vector<TaskEntry> HalfCheetahTasks();
std::vector<TaskEntry> HopperTasks();
std::vector<TaskEntry> HumanoidTasks();
std::vector<TaskEntry> InvertedPendulumTasks();
std::vector<TaskEntry> ReacherTasks();
std::vector<TaskEntry> SwimmerTasks();

/// All of them.
std::vector<TaskEntry> GymnasiumTasks();

}  // namespace longplay
