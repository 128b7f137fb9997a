// SPDX-License-Identifier: MIT
#include "datasets/writers/minari_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>

#include "datasets/episode_reader.h"
#include "datasets/files/hdf5_file.h"
#include "datasets/formats/space_json.h"
#include "tests/temporary_folder.h"

namespace longplay {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

Episode TwoSteps() {
  return {.observation_size = 2,
          .action_columns = 1,
          .observations = {1, 2, 3, 4, 5, 6},
          .actions = {0.5, 1},
          .rewards = {7, 8},
          .terminated = true};
}

/// A folder with one episode.
std::string WriteFolder(MinariMetadata metadata, const Episode& episode = TwoSteps(),
                        const std::map<std::string, int64_t>& attributes = {},
                        const EpisodeExtras& extras = {}) {
  const std::string path = TemporaryPath("toy-v0");
  metadata.observation_size = 2;
  if (metadata.action_size == 0) metadata.action_size = 1;
  MinariWriter writer(path, metadata);
  writer.Write(episode, attributes, extras);
  writer.Finish();
  return path;
}

Hdf5File MainData(const std::string& folder) { return Hdf5File(folder + "/data/main_data.hdf5"); }

nlohmann::json Metadata(const std::string& folder) {
  return nlohmann::json::parse(std::ifstream(folder + "/data/metadata.json"));
}

TEST(MinariWriterTest, EpisodeIsAGroupOfArrays) {
  const Hdf5File file = MainData(WriteFolder({}));
  EXPECT_THAT(file.Open("episode_0/observations").info().shape, ElementsAre(3, 2));
  EXPECT_THAT(file.Open("episode_0/observations").Read(), ElementsAre(1, 2, 3, 4, 5, 6));
  EXPECT_THAT(file.Open("episode_0/actions").info().shape, ElementsAre(2, 1));
  EXPECT_THAT(file.Open("episode_0/actions").Read(), ElementsAre(0.5, 1));
  EXPECT_THAT(file.Open("episode_0/rewards").Read(), ElementsAre(7, 8));
  EXPECT_THAT(file.Open("episode_0/terminations").Read(), ElementsAre(0, 1));
  EXPECT_THAT(file.Open("episode_0/truncations").Read(), ElementsAre(0, 0));
  EXPECT_TRUE(file.IsGroup("episode_0/infos")) << "Minari wants one";
}

TEST(MinariWriterTest, AttributesStandAtTheGroup) {
  const Hdf5File file = MainData(
      WriteFolder({}, TwoSteps(), {{"history", 3}}, {.seed = uint64_t{0xffffffffffffffff}}));
  EXPECT_EQ(file.NumberAttribute("episode_0", "id"), 0);
  EXPECT_EQ(file.NumberAttribute("episode_0", "total_steps"), 2);
  EXPECT_EQ(file.NumberAttribute("episode_0", "history"), 3);
  EXPECT_EQ(file.WholeAttribute("episode_0", "seed"), 0xffffffffffffffff);
}

TEST(MinariWriterTest, MetadataSayWhatMinariAsksFor) {
  const nlohmann::json json = Metadata(WriteFolder({.environment = "Toy-v0",
                                                    .algorithm = "sac",
                                                    .description = "two steps",
                                                    .max_episode_steps = 9,
                                                    .reference_min = -1.5}));
  EXPECT_EQ(json.at("total_episodes"), 1);
  EXPECT_EQ(json.at("total_steps"), 2);
  EXPECT_EQ(json.at("data_format"), "hdf5");
  EXPECT_EQ(json.at("dataset_id"), "toy-v0");
  EXPECT_EQ(json.at("algorithm_name"), "sac");
  EXPECT_EQ(json.at("description"), "two steps");
  EXPECT_EQ(json.at("longplay_environment"), "Toy-v0");
  EXPECT_EQ(json.at("longplay_max_episode_steps"), 9);
  EXPECT_EQ(json.at("ref_min_score"), -1.5);
  EXPECT_FALSE(json.contains("ref_max_score"));
}

TEST(MinariWriterTest, SpacesAreTextsThatGymnasiumWrites) {
  const nlohmann::json json =
      Metadata(WriteFolder({.action_low = {-2.5}, .action_high = {1}, .action_type = "float64"}));
  const Space seen = ParseSpace(json.at("observation_space")),
              acted = ParseSpace(json.at("action_space"));
  EXPECT_EQ(seen.type, "Box");
  EXPECT_EQ(seen.dtype, "float64");
  EXPECT_THAT(seen.shape, ElementsAre(2));
  EXPECT_THAT(json.at("observation_space").get<std::string>(),
              HasSubstr(R"("low": [-Infinity, -Infinity], "high": [Infinity, Infinity])"));
  EXPECT_EQ(acted.dtype, "float64");
  EXPECT_THAT(acted.low, ElementsAre(-2.5));
  EXPECT_THAT(acted.high, ElementsAre(1));
}

TEST(MinariWriterTest, DiscreteActionsCountFromTheStart) {
  Episode episode = TwoSteps();
  episode.actions = {0, 2};
  const std::string folder = WriteFolder({.action_size = 3,
                                          .action_kind = ActionKind::kDiscrete,
                                          .action_start = -1,
                                          .action_type = "int64"},
                                         episode);
  EXPECT_THAT(MainData(folder).Open("episode_0/actions").Read(), ElementsAre(-1, 1));
  EXPECT_THAT(MainData(folder).Open("episode_0/actions").info().shape, ElementsAre(2));
  const Space space = ParseSpace(Metadata(folder).at("action_space"));
  EXPECT_EQ(space.type, "Discrete");
  EXPECT_EQ(space.n, 3);
  EXPECT_EQ(space.start, -1);
}

TEST(MinariWriterTest, RewardsThatWereNotRecordedAreZero) {
  Episode episode = TwoSteps();
  episode.rewards.clear();
  EXPECT_THAT(MainData(WriteFolder({}, episode)).Open("episode_0/rewards").Read(),
              ElementsAre(0, 0));
}

TEST(MinariWriterTest, InfosKeepTheirGroupsTypesAndRows) {
  EpisodeExtras extras;
  extras.infos["goal/x"] = {.type = "int32", .row_shape = {2}, .values = {1, 2, 3, 4, 5, 6}};
  extras.infos["success"] = {.type = "bool", .row_shape = {}, .values = {0, 0, 1}};
  const Hdf5File file = MainData(WriteFolder({}, TwoSteps(), {}, extras));
  const Hdf5Array goal = file.Open("episode_0/infos/goal/x");
  EXPECT_EQ(goal.info().type, "int32");
  EXPECT_THAT(goal.info().shape, ElementsAre(3, 2));
  EXPECT_THAT(goal.Read(), ElementsAre(1, 2, 3, 4, 5, 6));
  EXPECT_THAT(file.Open("episode_0/infos/success").Read(), ElementsAre(0, 0, 1));
}

TEST(MinariWriterTest, EpisodeWithoutAFinalObservationIsRefused) {
  const std::string path = TemporaryPath("toy-v0");
  MinariWriter writer(path, {.observation_size = 2, .action_size = 1});
  Episode episode = TwoSteps();
  episode.observations.resize(4);
  EXPECT_THAT(
      [&] { writer.Write(episode); },
      testing::ThrowsMessage<std::invalid_argument>(
          "writing data: " + path + ": expected N actions and N + 1 observations, got 2 actions"));
  EXPECT_THROW(writer.Write({.observation_size = 2, .action_columns = 1}), std::invalid_argument);
  EXPECT_EQ(writer.episodes(), 0);
}

TEST(MinariWriterTest, WriterCountsWhatItWrote) {
  MinariWriter writer(TemporaryPath("toy-v0"), {.observation_size = 2, .action_size = 1});
  for (int e = 0; e < 3; ++e) writer.Write(TwoSteps());
  EXPECT_EQ(writer.episodes(), 3);
  EXPECT_EQ(writer.steps(), 6);
}

TEST(MinariWriterTest, SingleFileHasTheMetadataAsAttributes) {
  const std::string path = TemporaryPath("toy.hdf5");
  MinariWriter writer(
      path,
      {.environment = "Toy-v0", .observation_size = 2, .action_size = 1, .reference_max = 2.5});
  writer.Write(TwoSteps());
  writer.Finish();
  const Hdf5File file(path);
  EXPECT_EQ(file.NumberAttribute("/", "total_steps"), 2);
  EXPECT_EQ(file.StringAttribute("/", "longplay_environment"), "Toy-v0");
  EXPECT_EQ(file.NumberAttribute("/", "ref_max_score"), 2.5);
  EXPECT_THAT(ParseSpace(*file.StringAttribute("/", "action_space")).shape, ElementsAre(1));
}

TEST(MinariWriterTest, UnfinishedFoldersGo) {
  const std::string path = TemporaryPath("toy-v0");
  {
    MinariWriter writer(path, {.observation_size = 2, .action_size = 1});
    writer.Write(TwoSteps());
    EXPECT_TRUE(fs::exists(path + ".partial/data/main_data.hdf5"));
  }
  EXPECT_FALSE(fs::exists(path));
  EXPECT_FALSE(fs::exists(path + ".partial"));
}

// Once they were written as null, and both bounds were lost.
TEST(MinariWriterTest, BoundOnOneSideIsWrittenAsPythonDoes) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const std::string space =
      Metadata(WriteFolder({.action_low = {-kInfinity}, .action_high = {kInfinity}}))
          .at("action_space");
  EXPECT_THAT(space, HasSubstr(R"("low": [-Infinity], "high": [Infinity])"));
  const auto reader = OpenDataset(WriteFolder({.action_low = {-kInfinity}, .action_high = {2}}));
  EXPECT_THAT(reader->info().action_low, ElementsAre(-kInfinity));
  EXPECT_THAT(reader->info().action_high, ElementsAre(2));
}

}  // namespace
}  // namespace longplay
