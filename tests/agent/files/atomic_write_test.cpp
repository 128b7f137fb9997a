// SPDX-License-Identifier: MIT
#include "agent/files/atomic_write.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "tests/temporary_folder.h"

namespace longplay {
namespace {

namespace fs = std::filesystem;

std::string Text(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(AtomicWriteTest, AFileIsReplacedAndNothingIsLeftBesideIt) {
  const std::string path = TemporaryPath("folder") + "/file";
  for (const char* contents : {"one", "another"}) {
    WriteAtomically(path, contents, "writing");
    EXPECT_EQ(Text(path), contents);
  }
  EXPECT_EQ(std::distance(fs::directory_iterator(TemporaryPath("folder")), {}), 1);
}

// Two machines that count processes by themselves wrote one temporary file.
TEST(AtomicWriteTest, TheTemporaryNameHasTheMachineInIt) {
  const std::string path = TemporaryPath("file");
  // Where a name of the process number alone would be: nothing can be written there.
  fs::create_directories(path + ".part" + std::to_string(getpid()));
  WriteAtomically(path, "contents", "writing");
  EXPECT_EQ(Text(path), "contents");
}

TEST(AtomicWriteTest, WhereNothingCanBeWrittenIsAnErrorWithItsReason) {
  EXPECT_THAT([] { WriteAtomically("/proc/no/file", "contents", "writing the report"); },
              testing::ThrowsMessage<std::runtime_error>(testing::HasSubstr(
                  "writing the report: /proc/no/file: expected to write a file there, got: ")));
}

}  // namespace
}  // namespace longplay
