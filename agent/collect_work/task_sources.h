// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

namespace longplay {

/// The files that the model of a task file (agent/acting/task_file.h) is made of: its MJCF, what that
/// includes, meshes, textures, height fields. Each once; those that are not there are left out.
/// Throws std::invalid_argument when the task file cannot be read.
std::vector<std::string> ModelSources(const std::string& task_file);

}  // namespace longplay
