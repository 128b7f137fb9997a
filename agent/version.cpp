// SPDX-License-Identifier: MIT
#include "agent/version.h"

#include <torch/version.h>

#include <fstream>

#include "datasets/files/hdf5_version.h"
#include "env/physics/mujoco_version.h"

namespace longplay {

nlohmann::json Versions() {
  return {{"longplay", LONGPLAY_VERSION},
          {"libtorch", TORCH_VERSION},
          {"mujoco", MujocoVersion()},
          {"hdf5", Hdf5Version()}};
}

std::string Processor() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("model name")) return line.substr(line.find(':') + 2);
  }
  return "unknown";
}

}  // namespace longplay
