// SPDX-License-Identifier: MIT
#include "datasets/files/mapped_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "tests/temporary_folder.h"

namespace longplay {
namespace {

std::string Refusal(const std::string& path, size_t size) {
  try {
    MappedFile(path, size);
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "mapped";
}

TEST(MappedFileTest, BytesOfTheFileAreThere) {
  const std::string path = TemporaryPath("five_bytes");
  std::ofstream(path) << "hello";
  const MappedFile file(path, 5);
  EXPECT_EQ(std::string(file.as<char>().begin(), file.as<char>().end()), "hello");
}

TEST(MappedFileTest, ErrorsSayWhatWasThereInstead) {
  const std::string path = TemporaryPath("five_bytes");
  std::ofstream(path) << "hello";
  EXPECT_EQ(Refusal(path, 3), "mapping data: " + path + ": expected a file of 3 bytes, got 5");
  EXPECT_EQ(Refusal(path + "_not", 3), "mapping data: " + path +
                                           "_not: expected a file of 3 bytes, got No such file or "
                                           "directory");
}

}  // namespace
}  // namespace longplay
