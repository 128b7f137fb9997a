// SPDX-License-Identifier: MIT
#include "datasets/readers/minari_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <limits>
#include <map>

#include "datasets/files/hdf5_writer.h"
#include "tests/temporary_folder.h"

namespace longplay {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// One array of an episode.
struct Column {
  std::vector<int64_t> shape;
  std::vector<double> values;
  std::string type = "float32";
};
using Columns = std::map<std::string, Column>;

/// Two steps that see 1 to 3, act 0.5 and -0.5, earn 4 and 5, and are cut off.
Columns TwoSteps() {
  return {{"observations", {{3, 1}, {1, 2, 3}}},
          {"actions", {{2, 1}, {0.5, -0.5}}},
          {"rewards", {{2}, {4, 5}}},
          {"terminations", {{2}, {0, 0}, "bool"}},
          {"truncations", {{2}, {0, 1}, "bool"}}};
}

/// A file of these episodes, in a folder of its own, with this metadata.json if any.
std::string WriteMinari(const std::vector<Columns>& episodes, const std::string& metadata = "") {
  const std::string folder = TemporaryPath("minari");
  fs::remove_all(folder);
  fs::create_directories(folder);
  if (!metadata.empty()) std::ofstream(folder + "/metadata.json") << metadata;
  const std::string path = folder + "/main_data.hdf5";
  const Hdf5Id file = CreateHdf5File(path);
  for (size_t e = 0; e < episodes.size(); ++e) {
    const Hdf5Id group = MakeGroup(file.get(), "episode_" + std::to_string(e));
    for (const auto& [name, column] : episodes[e]) {
      WriteArray(group.get(), name, column.shape, column.type, column.values);
    }
  }
  return path;
}

/// metadata.json with a space as Minari writes it: as a text in the text.
std::string ActionSpace(const std::string& space) {
  std::string quoted;
  for (const char c : space) quoted += c == '"' ? "\\\"" : std::string(1, c);
  return R"({"action_space": ")" + quoted + "\"}";
}

std::vector<std::string> Problems(const std::string& path) {
  ProblemLog log(ProblemLog::Mode::kCollect);
  log.Attempt([&] { SurveyAll(*OpenMinari(path), log, [] {}); });
  std::vector<std::string> problems;
  for (const Problem& problem : log.problems()) {
    const size_t colon = problem.where.find(".hdf5:");
    problems.push_back((colon == std::string::npos ? "" : problem.where.substr(colon + 6)) + ": " +
                       problem.problem);
  }
  return problems;
}

constexpr const char* kBox =
    R"({"type": "Box", "dtype": "float32", "shape": [1], "low": [-1.0], "high": [2.0]})";

TEST(MinariReaderTest, StepsAreThoseOfTheirGroup) {
  const auto reader = OpenMinari(WriteMinari({TwoSteps()}, ActionSpace(kBox)));
  EXPECT_EQ(reader->info().format, "minari");
  EXPECT_EQ(reader->info().observation_size, 1);
  const Episode episode = reader->Read(0);
  EXPECT_EQ(episode.length(), 2);
  EXPECT_THAT(episode.observations, ElementsAre(1, 2, 3));
  EXPECT_THAT(episode.actions, ElementsAre(0.5, -0.5));
  EXPECT_THAT(episode.rewards, ElementsAre(4, 5));
  EXPECT_TRUE(episode.truncated && !episode.terminated);
}

TEST(MinariReaderTest, GroupsAreReadInNumericOrder) {
  std::vector<Columns> episodes(11, TwoSteps());
  for (int e = 0; e < 11; ++e) episodes[e]["rewards"].values = {0, 1.0 * e};
  const auto reader = OpenMinari(WriteMinari(episodes));
  ASSERT_EQ(reader->info().episodes, 11);
  EXPECT_EQ(reader->Read(2).rewards.back(), 2) << "not episode_10";
  EXPECT_EQ(reader->Read(10).rewards.back(), 10);
}

TEST(MinariReaderTest, BoundsAreThoseOfTheActionSpace) {
  const DatasetInfo info = OpenMinari(WriteMinari({TwoSteps()}, ActionSpace(kBox)))->info();
  EXPECT_THAT(info.action_low, ElementsAre(-1));
  EXPECT_THAT(info.action_high, ElementsAre(2));
}

TEST(MinariReaderTest, BoundOnOneSideIsKeptAndNoneAtAllIsNoBound) {
  const double infinity = std::numeric_limits<double>::infinity();
  const auto bounds = [](const std::string& low, const std::string& high) {
    const std::string space = R"({"type": "Box", "dtype": "float32", "shape": [1], "low": [)" +
                              low + R"(], "high": [)" + high + "]}";
    return OpenMinari(WriteMinari({TwoSteps()}, ActionSpace(space)))->info();
  };
  EXPECT_THAT(bounds("-Infinity", "1").action_low, ElementsAre(-infinity));
  EXPECT_THAT(bounds("-Infinity", "1").action_high, ElementsAre(1));
  EXPECT_THAT(bounds("-Infinity", "Infinity").action_low, IsEmpty());
  EXPECT_THAT(bounds("-1, -1", "1, 1").action_low, IsEmpty()) << "of two actions, not of one";
}

TEST(MinariReaderTest, DiscreteActionsCountFromTheirStart) {
  Columns episode = TwoSteps();
  episode["actions"] = {{2}, {-1, 1}, "int64"};
  const auto reader = OpenMinari(
      WriteMinari({episode}, ActionSpace(R"({"type": "Discrete", "n": 3, "start": -1})")));
  EXPECT_EQ(reader->info().action_kind, ActionKind::kDiscrete);
  EXPECT_EQ(reader->info().action_size, 3);
  EXPECT_EQ(reader->info().action_start, -1);
  EXPECT_THAT(reader->Read(0).actions, ElementsAre(0, 2));
}

TEST(MinariReaderTest, DiscreteActionsOutsideTheirSpaceAreRefused) {
  Columns episode = TwoSteps();
  episode["actions"] = {{2}, {0, 2}, "int64"};
  const std::string two = ActionSpace(R"({"type": "Discrete", "n": 2})");
  EXPECT_THAT(Problems(WriteMinari({episode}, two)),
              ElementsAre("episode_0/actions[1]: expected a whole number from 0 to 1, got 2"));
}

TEST(MinariReaderTest, WithoutASpaceWholeNumbersAreDiscreteAndCounted) {
  Columns episode = TwoSteps();
  episode["actions"] = {{2}, {0, 4}, "int64"};
  const auto reader = OpenMinari(WriteMinari({episode}));
  ProblemLog log(ProblemLog::Mode::kThrowFirstError);
  SurveyAll(*reader, log, [] {});
  EXPECT_EQ(reader->info().action_kind, ActionKind::kDiscrete);
  EXPECT_EQ(reader->info().action_size, 5);
}

TEST(MinariReaderTest, OtherSpacesAreRefusedByTheirName) {
  EXPECT_THAT(Problems(WriteMinari({TwoSteps()}, ActionSpace(R"({"type": "MultiBinary"})"))),
              ElementsAre("episode_0/actions: expected a Box or Discrete action space, or a Dict "
                          "or Tuple of them; ?actions=continuous takes whole numbers as decimal "
                          "ones, got MultiBinary"));
}

TEST(MinariReaderTest, ImagesAreRefused) {
  Columns episode = TwoSteps();
  episode["observations"] = {{3, 2, 2}, std::vector<double>(12, 0), "uint8"};
  EXPECT_THAT(Problems(WriteMinari({episode})),
              ElementsAre("episode_0/observations: expected rows of numbers, got images"));
}

TEST(MinariReaderTest, ObservationsMayLackTheFinalOne) {
  Columns episode = TwoSteps();
  episode["observations"] = {{2, 1}, {1, 2}};
  const std::string path = WriteMinari({episode}, ActionSpace(kBox));
  EXPECT_FALSE(OpenMinari(path)->Read(0).has_final_observation());
  EXPECT_THAT(Problems(path),
              ElementsAre("episode_0/observations: no observation after the last action"));
  episode["observations"] = {{4, 1}, {1, 2, 3, 4}};
  EXPECT_THAT(Problems(WriteMinari({episode}, ActionSpace(kBox))),
              ElementsAre("episode_0/observations: expected 3 rows (one more than actions), got "
                          "4"));
}

TEST(MinariReaderTest, OnlyTheLastFlagEndsAnEpisode) {
  Columns episode = TwoSteps();
  episode["terminations"].values = {1, 0};
  const std::string path = WriteMinari({episode}, ActionSpace(kBox));
  EXPECT_FALSE(OpenMinari(path)->Read(0).terminated);
  EXPECT_THAT(Problems(path),
              ElementsAre("episode_0/terminations: an end before the last step is ignored"));
  episode["terminations"].values = episode["truncations"].values = {0, 0};
  EXPECT_THAT(Problems(WriteMinari({episode}, ActionSpace(kBox))),
              ElementsAre("episode_0: neither terminated nor truncated at its end"));
}

TEST(MinariReaderTest, RewardsMissingInOneEpisodeAreMissingInAll) {
  Columns without = TwoSteps();
  without.erase("rewards");
  without["actions"].values = {0.25, 0.5};
  const auto reader = OpenMinari(WriteMinari({TwoSteps(), without}, ActionSpace(kBox)));
  ProblemLog log(ProblemLog::Mode::kCollect);
  SurveyAll(*reader, log, [] {});
  EXPECT_FALSE(reader->info().has_rewards);
  EXPECT_THAT(reader->Read(0).rewards, IsEmpty());
  ASSERT_EQ(log.problems().size(), 1U);
  EXPECT_EQ(log.problems()[0].problem, "no rewards: only behaviour cloning can use it");
}

TEST(MinariReaderTest, FirstActionOutOfBoundsOfAnEpisodeIsNamed) {
  Columns episode = TwoSteps();
  episode["actions"].values = {2.0000001, 2.1};  // the first within rounding
  EXPECT_THAT(Problems(WriteMinari({episode}, ActionSpace(kBox))),
              ElementsAre(" episode 0, step 1: an action outside the bounds of the action space"));
}

TEST(MinariReaderTest, FileAloneSaysWhatItLacks) {
  EXPECT_THAT(Problems(WriteMinari({TwoSteps()})),
              ElementsAre(": no metadata.json beside it: environment and action bounds are "
                          "unknown"));
}

TEST(MinariReaderTest, MetadataNameTheTaskAndItsScores) {
  const std::string metadata =
      R"({"env_spec": "{\"id\": \"Hopper-v5\", \"max\": NaN}", "ref_min_score": -1.5,)"
      R"( "ref_max_score": 9, "longplay_action_repeat": 4, "longplay_max_episode_steps": 250})";
  const DatasetInfo info = OpenMinari(WriteMinari({TwoSteps()}, metadata))->info();
  EXPECT_EQ(info.environment, "Hopper-v5");
  EXPECT_EQ(info.reference_min, -1.5);
  EXPECT_EQ(info.reference_max, 9);
  EXPECT_EQ(info.action_repeat, 4);
  EXPECT_EQ(info.max_episode_steps, 250);
}

TEST(MinariReaderTest, MetadataThatAreNoJsonAreNamed) {
  EXPECT_THAT([] { OpenMinari(WriteMinari({TwoSteps()}, "half a {")); },
              testing::ThrowsMessage<DataError>(
                  HasSubstr("metadata.json: expected a JSON object, got half a {")));
}

TEST(MinariReaderTest, AttributesOfAGroupAreSeedAndHistory) {
  const std::string path = WriteMinari({TwoSteps(), TwoSteps()});
  {
    const Hdf5Id file(H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT));
    const Hdf5Id group = MakeGroup(file.get(), "episode_1");
    WriteAttribute(group.get(), "seed", (uint64_t{1} << 63) + 1);
    WriteAttribute(group.get(), "history", int64_t{12});
    WriteAttribute(group.get(), "longplay_no_final_observation", int64_t{1});
  }
  const auto reader = OpenMinari(path);
  EXPECT_EQ(reader->ReadExtras(0).seed, std::nullopt);
  EXPECT_EQ(reader->ReadExtras(1).seed, (uint64_t{1} << 63) + 1);
  EXPECT_EQ(reader->Read(0).history, 0);
  EXPECT_EQ(reader->Read(1).history, 12);
  EXPECT_THAT(reader->Read(0).observations, ElementsAre(1, 2, 3));
  EXPECT_THAT(reader->Read(1).observations, ElementsAre(1, 2));
}

TEST(MinariReaderTest, FileWithoutEpisodesIsRefused) {
  EXPECT_THAT([] { OpenMinari(WriteMinari({})); },
              testing::ThrowsMessage<DataError>(
                  HasSubstr(":/: expected groups episode_0, episode_1 ..., got none")));
}

// Once each was a step, beyond the observations that were there.
TEST(MinariReaderTest, SeveralWholeNumbersARowAreNoAction) {
  Columns episode = TwoSteps();
  episode["actions"] = {{2, 2}, {0, 1, 1, 0}, "int64"};
  const std::string discrete = ActionSpace(R"({"type": "Discrete", "n": 2})");
  for (const std::string& metadata : {std::string(), discrete}) {
    EXPECT_THAT(
        Problems(WriteMinari({episode}, metadata)),
        ElementsAre(
            "episode_0/actions: expected one whole number a row (discrete actions) "
            "or decimal ones; "
            "?actions=continuous takes whole numbers as decimal ones, got 2 whole numbers a row"));
  }
}

}  // namespace
}  // namespace longplay
