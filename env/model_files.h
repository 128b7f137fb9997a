// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <string>

#include "env/mujoco_handles.h"

namespace longplay {

/// Folder below which the MJCF files lie as in the Python packages (gymnasium/envs/mujoco/assets,
/// dm_control/suite): environment variable LONGPLAY_ASSETS if set, else share/longplay/mjcf next to
/// the program's own folder if there is one, else the dependency folder known at build time.
std::filesystem::path ModelRoot();

/// Compiles the MJCF file `relative` below ModelRoot().
/// Throws std::runtime_error when it is missing or MuJoCo refuses it.
ModelPtr LoadModel(const std::string& relative);

}  // namespace longplay
