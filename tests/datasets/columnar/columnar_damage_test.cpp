// SPDX-License-Identifier: MIT
// Damaged data sets in Parquet and Arrow files: whatever is in them, opening, validating and reading
// them either works or is one exception that names the data set.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>

#include "datasets/episode_reader.h"
#include "datasets/parquet/parquet_table.h"
#include "datasets/validate.h"
#include "tests/temporary_folder.h"

namespace longplay {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

const std::string kColumnar = LONGPLAY_SOURCE_DIR "/tests/datasets/fixtures/columnar/";

std::string BytesOf(const std::string& path) {
  std::ostringstream bytes;
  bytes << std::ifstream(path, std::ios::binary).rdbuf();
  return bytes.str();
}

bool IsFolderRefused(const std::string& path) {
  try {
    const auto reader = OpenDataset(path);
    for (int64_t e = 0; e < reader->info().episodes; ++e) {
      for (const double value : reader->Read(e).observations) EXPECT_TRUE(std::isfinite(value));
      reader->ReadExtras(e);
    }
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), HasSubstr(path));
    return true;
  }
  return false;
}

class ColumnarDamageTest : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    if (!HasParquet()) GTEST_SKIP() << "this build has no Parquet";
  }
};

TEST_P(ColumnarDamageTest, CorruptedFilesHarmNothing) {
  setenv("LONGPLAY_SILENT_SECONDS", "5", 1);
  std::mt19937_64 random(7);
  const std::string path = TemporaryPath("damaged");
  fs::copy(kColumnar + GetParam(), path, fs::copy_options::recursive);
  std::vector<std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(path)) {
    if (entry.is_regular_file()) files.push_back(entry.path().string());
  }
  std::ranges::sort(files);
  int refused = 0;
  for (int trial = 0; trial < 60; ++trial) {
    const std::string& file = files[random() % files.size()];
    const std::string sound = BytesOf(file);
    std::string bytes = sound;
    for (int k = 0; k < 1 + trial % 3; ++k) {
      bytes[random() % bytes.size()] = static_cast<char>(random());
    }
    std::ofstream(file, std::ios::binary) << bytes;
    refused += IsFolderRefused(path) ? 1 : 0;
    if (trial % 8 == 0) ValidateDataset(path);
    std::ofstream(file, std::ios::binary) << sound;
  }
  EXPECT_GT(refused, 3);
  EXPECT_LT(refused, 60);
  EXPECT_FALSE(IsFolderRefused(path));  // put right again
  unsetenv("LONGPLAY_SILENT_SECONDS");
}

INSTANTIATE_TEST_SUITE_P(Layouts, ColumnarDamageTest,
                         testing::Values("lerobot_v30", "lerobot_v21", "minari_arrow",
                                         "minari_parquet"),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace longplay
