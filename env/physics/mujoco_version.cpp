// SPDX-License-Identifier: MIT
#include "env/physics/mujoco_version.h"

#include <mujoco/mujoco.h>

namespace longplay {

std::string MujocoVersion() { return mj_versionString(); }

}  // namespace longplay
