// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include "env/physics/task.h"
#include "env/task_arguments.h"

namespace longplay {

/// Rows of the list of environments, each a MujocoEnvironment of the task. Making one throws
/// std::runtime_error when the model files are missing.
std::vector<EnvironmentEntry> EnvironmentEntries(const std::vector<TaskEntry>& tasks);

}  // namespace longplay
