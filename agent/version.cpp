// SPDX-License-Identifier: MIT
#include "agent/version.h"

#include <torch/version.h>

#include "datasets/files/hdf5_version.h"
#include "env/physics/mujoco_version.h"

namespace longplay {

nlohmann::json Versions() {
  return {{"longplay", LONGPLAY_VERSION},
          {"libtorch", TORCH_VERSION},
          {"mujoco", MujocoVersion()},
          {"hdf5", Hdf5Version()}};
}

}  // namespace longplay
