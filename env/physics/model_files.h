// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "env/physics/mujoco_handles.h"

namespace longplay {

/// Folder below which the MJCF files lie as in the Python packages (gymnasium/envs/mujoco/assets,
/// dm_control/suite): environment variable LONGPLAY_ASSETS if set, else share/longplay/mjcf next to
/// the program's own folder if there is one, else the same in or next to the folder of the library that
/// this is part of, else the dependency folder known at build time.
std::filesystem::path ModelRoot();

/// Compiles the MJCF file `relative` below ModelRoot().
/// Throws std::runtime_error when it is missing or MuJoCo refuses it.
ModelPtr LoadModel(const std::string& relative);

/// Compiles MJCF text; `name` stands for it in messages.
ModelPtr LoadModelText(const std::string& xml, const std::string& name);

/// For models that are put together from several: MJCF read but not compiled, and the compilation.
SpecPtr ReadModelText(const std::string& xml, const std::string& name);
SpecPtr ReadModel(const std::string& relative);
ModelPtr CompileModel(mjSpec* spec, const std::string& name);

/// Compiles a model of dm_control's suite, dm_control/suite/`name`.xml, after `edit` (if any)
/// changed its text: some of its tasks build their models in Python. The sky is drawn coarser than
/// in dm_control: its texture makes nine tenths of the time and the memory that a model takes.
ModelPtr LoadSuiteModel(const std::string& name,
                        const std::function<void(std::string&)>& edit = nullptr);

}  // namespace longplay
