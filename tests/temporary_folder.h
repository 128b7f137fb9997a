// SPDX-License-Identifier: MIT
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <string>

namespace longplay {

/// A folder of this process alone, gone with it: tests run side by side.
inline std::string TemporaryPath(const std::string& name) {
  struct Folder {
    Folder() : path(testing::TempDir() + "longplay_" + std::to_string(getpid()) + "/") {
      std::filesystem::create_directories(path);
    }
    ~Folder() {
      std::error_code ignored;
      std::filesystem::remove_all(path, ignored);
    }
    std::string path;
  };
  static const Folder folder;
  return folder.path + name;
}

}  // namespace longplay
