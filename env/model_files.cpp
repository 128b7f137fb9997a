// SPDX-License-Identifier: MIT
#include "env/model_files.h"

#include <array>
#include <cstdlib>
#include <stdexcept>

#include "env/mujoco_log.h"

namespace longplay {
namespace fs = std::filesystem;

fs::path ModelRoot() {
  if (const char* assets = std::getenv("LONGPLAY_ASSETS"); assets != nullptr && *assets != '\0') {
    return assets;
  }
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  if (!error) {
    const fs::path installed = program.parent_path().parent_path() / "share/longplay/mjcf";
    if (fs::is_directory(installed, error)) return installed;
  }
  return LONGPLAY_ASSETS_DIR;
}

ModelPtr LoadModel(const std::string& relative) {
  InstallMujocoLog();
  const fs::path path = ModelRoot() / relative;
  if (!fs::exists(path)) {
    throw std::runtime_error("loading a simulator model: " + path.string() +
                             ": expected the MJCF file of the pinned packages (run `./dev setup`, "
                             "or set LONGPLAY_ASSETS), got no such file");
  }
  std::array<char, 1024> error = {};
  ModelPtr model(mj_loadXML(path.c_str(), nullptr, error.data(), error.size()));
  if (!model) {
    throw std::runtime_error("loading a simulator model: " + path.string() +
                             ": expected valid MJCF, got " + error.data());
  }
  return model;
}

}  // namespace longplay
