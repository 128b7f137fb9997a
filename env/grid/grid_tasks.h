// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include "env/plain/plain_task.h"

namespace longplay {

// Tasks on a grid of cells: one function per file. To add a file: declare it here and name it in
// the list below.
std::vector<PlainEntry> GridGoalTasks();

/// All of them.
inline std::vector<PlainEntry> GridTasks() { return GridGoalTasks(); }

}  // namespace longplay
