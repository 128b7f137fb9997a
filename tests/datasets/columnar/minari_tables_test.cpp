// SPDX-License-Identifier: MIT
#include "datasets/columnar/minari_tables.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "datasets/parquet/parquet_table.h"
#include "datasets/parquet/parquet_writer.h"
#include "datasets/validate.h"
#include "tests/datasets/columnar/expect_episodes.h"
#include "tests/temporary_folder.h"

namespace longplay {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

const std::string kFolder = LONGPLAY_SOURCE_DIR "/tests/datasets/fixtures/columnar/";

class MinariTablesTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!HasParquet()) GTEST_SKIP() << "this build has no Parquet";
  }
};

/// Written and read by Minari 0.5.4 (fixtures/make_columnar_fixtures.py).
class MinariTableFilesTest : public MinariTablesTest,
                             public testing::WithParamInterface<std::string> {};

TEST_P(MinariTableFilesTest, EpisodesAreThoseThatMinariReads) {
  ExpectColumnarEpisodes(GetParam());
}

INSTANTIATE_TEST_SUITE_P(Storages, MinariTableFilesTest,
                         testing::Values("minari_arrow", "minari_parquet", "minari_discrete"),
                         [](const auto& info) { return info.param; });

TEST_F(MinariTablesTest, SpacesSeedsAndInfosMeanWhatTheyDoInHdf5) {
  for (const char* name : {"minari_arrow", "minari_parquet"}) {
    const auto reader = OpenDataset(kFolder + name);
    EXPECT_EQ(reader->info().format, "minari");
    EXPECT_EQ(reader->info().observation_size,
              1 + 4 + 3 + 11 + 2);  // y, x, choice, position, velocity
    EXPECT_EQ(reader->info().action_size, 3);
    EXPECT_TRUE(reader->Read(0).has_final_observation());
    const EpisodeExtras extras = reader->ReadExtras(1);
    EXPECT_EQ(extras.seed, (uint64_t{1} << 63) + 1);
    EXPECT_EQ(extras.infos.at("pose").row_shape, (std::vector<int64_t>{2, 2}));
    EXPECT_THAT(extras.infos.at("goal/x").values, ElementsAre(0, 1, 2, 3));
    EXPECT_THAT(extras.left_out, ElementsAre("infos/note"));
  }
  const DatasetInfo info = OpenDataset(kFolder + "minari_discrete/data")->info();
  EXPECT_EQ(info.action_kind, ActionKind::kDiscrete);
  EXPECT_EQ(info.action_size, 4);
}

/// A data set of one episode of two steps that see (1), (2), (3), in a folder of its own.
std::string WriteSmall(const std::string& metadata, int64_t rows = 3, int64_t total_steps = 2) {
  const std::string path = TemporaryPath("minari");
  fs::remove_all(path);
  fs::create_directories(path + "/data/0");
  std::ofstream(path + "/data/metadata.json") << metadata;
  std::ofstream(path + "/data/0/metadata.json") << "{\"total_steps\": " << total_steps << "}";
  std::vector<double> numbers(rows, 0), flags(rows, 0);
  for (int64_t k = 0; k < rows; ++k) numbers[k] = static_cast<double>(k + 1);
  ParquetWriter writer(path + "/data/0/part-0.parquet", {{"observations", "float32", {1}},
                                                         {"actions", "int64", {}},
                                                         {"rewards", "float64", {}},
                                                         {"terminations", "bool", {}},
                                                         {"truncations", "bool", {}}});
  writer.AppendGroup(rows, {{.numbers = numbers},
                            {.numbers = numbers},
                            {.numbers = numbers},
                            {.numbers = flags},
                            {.numbers = flags}});
  writer.Close();
  return path;
}

const std::string kParquet = R"({"data_format": "parquet"})";

TEST_F(MinariTablesTest, PaddedRowsAreDropped) {
  const Episode episode = OpenDataset(WriteSmall(kParquet))->Read(0);
  EXPECT_THAT(episode.observations, ElementsAre(1, 2, 3));
  EXPECT_THAT(episode.actions, ElementsAre(1, 2));
  EXPECT_THAT(episode.rewards, ElementsAre(1, 2));
}

// Minari 0.5.4 pads by what observations have more than rewards: by nothing where they end together.
TEST_F(MinariTablesTest, EpisodeWithoutAFinalObservationLosesNoStep) {
  const Episode episode = OpenDataset(WriteSmall(kParquet, 2))->Read(0);
  EXPECT_THAT(episode.rewards, ElementsAre(1, 2));
  EXPECT_FALSE(episode.has_final_observation());
}

TEST_F(MinariTablesTest, WhatDoesNotFitIsNamed) {
  const auto expect = [](const std::string& path, const std::string& message) {
    EXPECT_THAT([&] { OpenDataset(path); }, ThrowsMessage<std::runtime_error>(HasSubstr(message)));
  };
  expect(WriteSmall(kParquet, 5), "part-0.parquet: expected 3 rows (one more than steps), got 5");
  expect(WriteSmall(kParquet, 1, 0), "data: expected folders of episodes (0, 1 ...), got none");
  expect(WriteSmall(R"({"data_format": "arrow"})"),
         "data/0: expected a table (part-0.arrow), got none");
  expect(WriteSmall(R"({"data_format": "parquet", "action_space": "{\"type\": \"MultiBinary\"}"})"),
         "actions: expected a Box or Discrete action space, or a Dict or Tuple of them");
  expect(WriteSmall(R"({"data_format": "parquet", "observation_space":
                      "{\"type\": \"Box\", \"dtype\": \"uint8\", \"shape\": [8, 8, 3]}"})"),
         "observations: expected rows of numbers, got images");
  const std::string path = WriteSmall(kParquet);
  fs::resize_file(path + "/data/0/part-0.parquet", 100);
  expect(path, "data/0/part-0.parquet: expected a whole file, got one without its end");
}

TEST_F(MinariTablesTest, WarningsAreThoseOfHdf5) {
  std::vector<std::string> problems;
  for (const Problem& problem : ValidateDataset(WriteSmall(kParquet, 2))) {
    problems.push_back(problem.problem);
  }
  EXPECT_THAT(problems, ElementsAre("no observation after the last action",
                                    "neither terminated nor truncated at its end"));
}

}  // namespace
}  // namespace longplay
