// SPDX-License-Identifier: MIT
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <system_error>

namespace longplay {

/// A path in a folder of the running test alone (or of all that is set up outside of tests), gone
/// with the process.
inline std::string TemporaryPath(const std::string& name) {
  struct Folder {
    Folder() : path(testing::TempDir() + "longplay_" + std::to_string(getpid()) + "/") {}
    ~Folder() {
      std::error_code ignored;
      std::filesystem::remove_all(path, ignored);
    }
    std::string path;
  };
  static const Folder folder;
  const testing::TestInfo* test = testing::UnitTest::GetInstance()->current_test_info();
  std::string own =
      test == nullptr ? "all" : std::string(test->test_suite_name()) + "." + test->name();
  std::ranges::replace(own, '/', '_');  // of parameters
  std::filesystem::create_directories(folder.path + own);
  return folder.path + own + "/" + name;
}

}  // namespace longplay
