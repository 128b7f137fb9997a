// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "env/physics/task.h"

namespace longplay {

/// Every task, sorted by id.
const std::vector<TaskEntry>& AllTasks();

/// Throws std::invalid_argument naming close ids when there is no such task.
const TaskEntry& FindTask(const std::string& id);

/// What the list alone says of a task: the bounds of actions are its model's.
EnvironmentSpec SpecOf(const TaskEntry& task);

}  // namespace longplay
