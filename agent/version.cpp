// SPDX-License-Identifier: MIT
#include "agent/version.h"

#include <mujoco/mujoco.h>
#include <torch/version.h>

#include "datasets/files/hdf5_version.h"

namespace longplay {

nlohmann::json Versions() {
  return {{"longplay", LONGPLAY_VERSION},
          {"libtorch", TORCH_VERSION},
          {"mujoco", mj_versionString()},
          {"hdf5", Hdf5Version()}};
}

}  // namespace longplay
