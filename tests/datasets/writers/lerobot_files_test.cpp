// SPDX-License-Identifier: MIT
#include "datasets/writers/lerobot_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <set>

#include "datasets/parquet/parquet_table.h"
#include "tests/temporary_folder.h"

namespace longplay {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;

class LerobotFilesWriterTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!HasParquet()) GTEST_SKIP() << "this build has no Parquet";
  }
};

std::set<std::string> FilesBelow(const std::string& folder) {
  std::set<std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) files.insert(entry.path().string().substr(folder.size() + 1));
  }
  return files;
}

/// Episode e: 100 frames that hold e and noise; its row of meta says where it is.
void AppendEpisode(LerobotFiles& files, int64_t e) {
  std::vector<double> noise(100);
  for (size_t k = 0; k < noise.size(); ++k)
    noise[k] = std::sin(1e6 * static_cast<double>(e * 100 + static_cast<int64_t>(k)));
  files.Append(100, {{.whole = std::vector<int64_t>(100, e)}, {.numbers = noise}},
               [&](const LerobotFiles::Place& place) {
                 return std::vector<ColumnRows>{{.whole = {e}}, {.whole = {place.number}}};
               });
}

LerobotFiles MakeFiles(const std::string& folder, int64_t bytes) {
  fs::remove_all(folder);
  return {folder,
          {{"episode", "int64", {}}, {"noise", "float64", {}}},
          {{"episode", "int64", {}}, {"file", "int64", {}}},
          bytes};
}

TEST_F(LerobotFilesWriterTest, EveryEpisodeIsInAFinishedFileAtOnce) {
  const std::string folder = TemporaryPath("growing");
  LerobotFiles files = MakeFiles(folder, 1 << 20);
  for (int64_t e = 0; e < 3; ++e) {
    AppendEpisode(files, e);
    const std::string name = "/chunk-000/file-00" + std::to_string(e) + ".parquet";
    EXPECT_EQ(ParquetTable(folder + "/data" + name).ReadWholeNumbers("episode"),
              std::vector<int64_t>(100, e));
    const ParquetTable meta(folder + "/meta/episodes" + name);
    EXPECT_THAT(meta.ReadWholeNumbers("episode"), ElementsAre(e));
    EXPECT_THAT(meta.ReadWholeNumbers("file"), ElementsAre(e));
  }
  EXPECT_TRUE(fs::exists(folder + "/data/chunk-000/file-000.parquet.growing"));
}

TEST_F(LerobotFilesWriterTest, ClosedFilesTakeThePlaceOfSmallOnes) {
  const std::string folder = TemporaryPath("closed");
  LerobotFiles files = MakeFiles(folder, 1 << 20);
  for (int64_t e = 0; e < 3; ++e) AppendEpisode(files, e);
  files.Close();
  files.Close();  // nothing is left to close
  EXPECT_THAT(FilesBelow(folder), ElementsAre("data/chunk-000/file-000.parquet",
                                              "meta/episodes/chunk-000/file-000.parquet"));
  EXPECT_EQ(ParquetTable(folder + "/data/chunk-000/file-000.parquet").rows(), 300);
  const ParquetTable meta(folder + "/meta/episodes/chunk-000/file-000.parquet");
  EXPECT_THAT(meta.ReadWholeNumbers("episode"), ElementsAre(0, 1, 2));
  EXPECT_THAT(meta.ReadWholeNumbers("file"), ElementsAre(0, 0, 0));
}

TEST_F(LerobotFilesWriterTest, FilesAreSplitBySizeAndChunksByNumber) {
  const std::string folder = TemporaryPath("split");
  LerobotFiles files = MakeFiles(folder, 2500);  // an episode takes about 900 bytes
  for (int64_t e = 0; e < 7; ++e) AppendEpisode(files, e);
  files.Close();
  int64_t next = 0, rows = 0;
  for (const std::string& name : FilesBelow(folder + "/meta/episodes")) {
    const ParquetTable meta(folder + "/meta/episodes/" + name);
    for (const int64_t e : meta.ReadWholeNumbers("episode")) EXPECT_EQ(e, next++);
    rows += ParquetTable(folder + "/data/" + name).rows();
    EXPECT_LT(fs::file_size(folder + "/data/" + name), 2500 + 1500);  // and its end
  }
  EXPECT_EQ(next, 7);
  EXPECT_EQ(rows, 700);
  EXPECT_GT(FilesBelow(folder + "/data").size(), 2);
  EXPECT_EQ(LerobotFiles::Place{2345}.chunk(), 2);
  EXPECT_EQ(LerobotFiles::Place{2345}.file(), 345);
}

}  // namespace
}  // namespace longplay
