// SPDX-License-Identifier: MIT
#include "datasets/columnar/lerobot_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "datasets/parquet/parquet_table.h"
#include "datasets/validate.h"
#include "tests/datasets/columnar/expect_episodes.h"
#include "tests/datasets/columnar/small_lerobot.h"

namespace longplay {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsSupersetOf;
using ::testing::ThrowsMessage;

const std::string kFolder = LONGPLAY_SOURCE_DIR "/tests/datasets/fixtures/columnar/";
constexpr char kNoParquet[] = "this build has no Parquet";

class LerobotReaderTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!HasParquet()) GTEST_SKIP() << kNoParquet;
  }
};

void ExpectRefused(const std::string& path, const std::string& message) {
  EXPECT_THAT([&] { OpenDataset(path); }, ThrowsMessage<std::runtime_error>(HasSubstr(message)));
}

std::vector<std::string> ProblemsOf(const std::string& path) {
  std::vector<std::string> problems;
  for (const Problem& problem : ValidateDataset(path)) {
    problems.push_back((problem.severity == Severity::kError ? "error " : "") +
                       problem.where.substr(path.size()) + ": " + problem.problem);
  }
  return problems;
}

const std::string kNoFinal = ": no observation after the last action: LeRobot's layout has none";
const std::string kNoEnds = ": how episodes end is not recorded: every end counts as a time limit";

// ---- what lerobot 0.4.4 (v3.0) and 0.3.3 (v2.1) wrote and read ---------------------------------

class LerobotFilesTest : public LerobotReaderTest,
                         public testing::WithParamInterface<std::string> {};

TEST_P(LerobotFilesTest, EpisodesAreThoseThatLerobotReads) { ExpectColumnarEpisodes(GetParam()); }

INSTANTIATE_TEST_SUITE_P(Layouts, LerobotFilesTest,
                         testing::Values("lerobot_v30", "lerobot_v21", "lerobot_discrete"),
                         [](const auto& info) { return info.param; });

TEST_F(LerobotReaderTest, FolderSaysWhatItHolds) {
  const DatasetInfo info = OpenDataset(kFolder + "lerobot_v30")->info();
  EXPECT_EQ(info.format, "lerobot");
  EXPECT_EQ(info.environment, "gym_pusht/PushT-v0");
  EXPECT_EQ(info.observation_size, 5);
  EXPECT_EQ(info.observation_type, "float64");  // of float64 and float32
  EXPECT_EQ(info.action_size, 2);
  EXPECT_EQ(info.action_type, "float32");
  EXPECT_EQ(info.reward_type, "float32");
  EXPECT_FALSE(OpenDataset(kFolder + "lerobot_v30")->Read(0).has_final_observation());
}

TEST_F(LerobotReaderTest, WholeNumbersAreDiscreteActionsUnlessAskedOtherwise) {
  const DatasetInfo info = OpenDataset(kFolder + "lerobot_discrete")->info();
  EXPECT_EQ(info.action_kind, ActionKind::kDiscrete);
  EXPECT_EQ(info.action_size, 3);   // 0, 1 and 2 were done
  EXPECT_EQ(info.environment, "");  // a robot's name is no environment
  EXPECT_FALSE(info.has_rewards);
  EXPECT_EQ(OpenDataset(kFolder + "lerobot_discrete?actions=continuous")->info().action_kind,
            ActionKind::kContinuous);
}

TEST_F(LerobotReaderTest, ObservationsAreChosenInThePath) {
  const std::string path = kFolder + "lerobot_v30";
  const auto reader = OpenDataset(path + "?observations=observation.state");
  EXPECT_EQ(reader->info().observation_size, 3);
  // What is not chosen is kept beside the steps.
  EXPECT_EQ(reader->ReadExtras(0).infos.at("observation.environment_state").row_shape,
            std::vector<int64_t>{2});
  ExpectRefused(path + "?observations=state", "features/state: expected a feature, got none");
  ExpectRefused(path + "?reward=1", "expected ?observations or ?actions for a file of LeRobot");
}

TEST_F(LerobotReaderTest, WhatElseIsRecordedIsKept) {
  const EpisodeExtras extras = OpenDataset(kFolder + "lerobot_discrete")->ReadExtras(1);
  ASSERT_EQ(extras.infos.size(), 2);
  EXPECT_EQ(extras.infos.at("discrete_penalty").type, "float32");
  EXPECT_THAT(extras.infos.at("task_index").values, ElementsAre(1, 1));
}

// ---- how episodes end ----------------------------------------------------------------------------

struct EndCase {
  std::map<std::string, std::vector<double>> flags;  // of five frames; the episodes have 2 and 3
  bool first_terminated, second_terminated;
};

TEST_F(LerobotReaderTest, EndsFollowDoneSuccessAndTruncated) {
  const std::vector<double> every = {0, 1, 0, 0, 1}, first = {0, 1, 0, 0, 0};
  const EndCase cases[] = {
      {{}, false, false},
      {{{"next.done", every}}, true, true},  // LeRobot flags every end: it cannot be told
      {{{"next.success", first}}, true, false},
      {{{"next.done", every}, {"next.success", first}}, true, false},
      {{{"next.done", every}, {"next.truncated", first}}, false, true},
      {{{"next.done", every}, {"next.success", first}, {"next.truncated", first}}, false, true},
      {{{"next.success", {1, 1, 1, 1, 0}}}, true, false},  // it may last for several steps
  };
  for (const EndCase& end : cases) {
    SmallLerobot data;
    data.flags = end.flags;
    const auto reader = OpenDataset(data.Write());
    for (const auto& [index, terminated] :
         {std::pair(0, end.first_terminated), std::pair(1, end.second_terminated)}) {
      const Episode episode = reader->Read(index);
      EXPECT_EQ(episode.terminated, terminated);
      EXPECT_EQ(episode.truncated, !terminated);
    }
  }
}

TEST_F(LerobotReaderTest, WhatEndsDoNotSayIsWarnedOf) {
  SmallLerobot data;
  EXPECT_THAT(ProblemsOf(data.Write()), ElementsAre(kNoFinal, kNoEnds));
  data.flags["next.done"] = {1, 1, 0, 0, 1};
  EXPECT_THAT(
      ProblemsOf(data.Write()),
      ElementsAre(kNoFinal,
                  "/data/chunk-000/file-000.parquet:next.done[0]: an end before the last step is "
                  "ignored",
                  ": next.done alone: every end that it flags counts as terminated, time limits "
                  "too"));
}

// ---- what goes wrong with recordings ---------------------------------------------------------------

TEST_F(LerobotReaderTest, SeveralFilesAreReadByWhatMetaSays) {
  SmallLerobot data;
  data.files = {{{0, 0, 0}, {0, 1, 1}}, {{1, 0, 2}, {1, 1, 3}, {1, 2, 4}}};
  data.episodes = {{0, 2, 0, 0, 2}, {1, 3, 1, 2, 5}};
  const auto reader = OpenDataset(data.Write());
  EXPECT_THAT(reader->Read(1).rewards, ElementsAre(0, 10, 20));
  EXPECT_THAT(reader->Read(0).observations, ElementsAre(0, 1));
}

TEST_F(LerobotReaderTest, MissingFilesAreNamed) {
  SmallLerobot data;
  const std::string path = data.Write();
  fs::remove(path + "/data/chunk-000/file-000.parquet");
  ExpectRefused(path,
                path + "/data/chunk-000/file-000.parquet: expected a file, as meta says, got none");
  fs::remove_all(path + "/meta/episodes");
  ExpectRefused(path, path +
                          "/meta/episodes: expected chunk-000/file-000.parquet ..., got none: "
                          "was the recording closed (finalize)?");
}

// lerobot#3522: a recorder that is killed leaves files without their end.
TEST_F(LerobotReaderTest, UnclosedFilesAreOneClearLine) {
  for (const char* part : {"/data", "/meta/episodes"}) {
    const std::string path = SmallLerobot().Write();
    const std::string file = path + part + "/chunk-000/file-000.parquet";
    fs::resize_file(file, fs::file_size(file) - 8);
    ExpectRefused(path, file + ": expected a whole file, got one without its end");
  }
}

// lerobot#1919, #2283: what is left when episodes were removed from the middle.
TEST_F(LerobotReaderTest, RemovedEpisodesLeaveOthersReadable) {
  SmallLerobot data;
  data.episodes = {{1, 3, 0, 2, 5}};
  data.info["total_episodes"] = 1;
  data.info["total_frames"] = 3;
  const std::string path = data.Write();
  EXPECT_THAT(OpenDataset(path)->Read(0).rewards, ElementsAre(20, 30, 40));
  EXPECT_THAT(ProblemsOf(path),
              testing::Contains("/meta/episodes/chunk-000/file-000.parquet[0]: expected episode 0, "
                                "got 1: those between are not there (removed?)"));
}

TEST_F(LerobotReaderTest, EpisodesThatDataHaveNotAreNamed) {
  SmallLerobot data;
  // Numbered anew in meta, not in the data.
  data.episodes = {{0, 2, 0, 0, 2}, {1, 3, 0, 2, 5}};
  for (SmallLerobot::Row& row : data.files[0]) row.episode *= 2;
  ExpectRefused(data.Write(),
                "file-000.parquet:episode_index: expected frames of episode 1, got episodes from 0 "
                "to 2 (was one removed, and not all files written anew?)");
}

TEST_F(LerobotReaderTest, ScrambledEpisodesAreRefused) {
  SmallLerobot data;
  data.files = {{{0, 0, 0}, {1, 0, 1}, {0, 1, 2}, {1, 1, 3}, {1, 2, 4}}};
  ExpectRefused(data.Write(),
                "file-000.parquet:episode_index[2]: expected the frames of an episode one after "
                "another, got episode 0 again");
  data = {};
  data.episodes[1].episode = 0;
  ExpectRefused(data.Write(),
                "file-000.parquet[1]: expected every episode once, got episode 0 again");
}

TEST_F(LerobotReaderTest, EpisodesOfAnotherLengthAreRefused) {
  SmallLerobot data;
  data.episodes[1].length = 4;
  ExpectRefused(data.Write(), "episode_index: expected 4 frames of episode 1, as meta says, got 3");
}

TEST_F(LerobotReaderTest, CountersThatDoNotCountAreWarnedOfByPlace) {
  SmallLerobot data;
  data.flags["next.success"] = {0, 0, 0, 0, 0};
  data.files = {{{0, 0, 0}, {0, 1, 1}, {1, 1, 7}, {1, 2, 8}, {1, 2, 9}}};
  data.info["total_frames"] = 6;
  const std::string table = "/data/chunk-000/file-000.parquet:";
  EXPECT_THAT(
      ProblemsOf(data.Write()),
      ElementsAre("/meta/info.json:total_frames: expected 5 as the episodes are, got 6", kNoFinal,
                  table + "frame_index[2]: does not count from 0 in its episode",
                  table + "timestamp[4]: does not grow in its episode",
                  table + "index[2]: does not count on, or not from where meta says the episode "
                          "begins"));
}

TEST_F(LerobotReaderTest, NumbersThatAreNoneAreErrorsByPlace) {
  SmallLerobot data;
  data.info["features"]["observation.images.top"] = {{"dtype", "video"}, {"shape", {8, 8, 3}}};
  const std::string path = data.Write();
  ParquetWriter writer(path + "/data/chunk-000/file-000.parquet",
                       {{"observation.state", "float32", {}},
                        {"action", "float32", {2}},
                        {"next.reward", "float32", {}},
                        {"episode_index", "int64", {}}});
  writer.AppendGroup(
      1, {{.numbers = {std::nan("")}}, {.numbers = {1, 2}}, {.numbers = {1}}, {.numbers = {0}}});
  writer.Close();
  ExpectRefused(path, "file-000.parquet:action: expected 1 number a row, got 2");
  EXPECT_THAT(ProblemsOf(path),
              testing::Contains("/meta/info.json:features/observation.images.top: no numbers "
                                "(video): left out"));
}

TEST_F(LerobotReaderTest, FilesThatMetaDoesNotNameAreLeftOut) {
  const std::string path = SmallLerobot().Write();
  fs::copy_file(path + "/data/chunk-000/file-000.parquet",
                path + "/data/chunk-000/file-001.parquet");
  EXPECT_THAT(ProblemsOf(path),
              testing::Contains("/data/chunk-000/file-001.parquet: a file that no episode of meta "
                                "names is left out"));
}

TEST_F(LerobotReaderTest, InfoThatCannotBeRightIsRefused) {
  SmallLerobot data;
  data.info["codebase_version"] = "v1.6";
  ExpectRefused(data.Write(), "info.json:codebase_version: expected v3.0, v2.1 or v2.0, got v1.6");
  data.info["codebase_version"] = "v3.0";
  data.info["data_path"] = "../other/{file_index}.parquet";
  ExpectRefused(data.Write(), ":data: expected a path inside the data set, got ../other/0.parquet");
  data.info["data_path"] = "data/{name}.parquet";
  ExpectRefused(data.Write(), "expected a path of chunk and file or episode, got data/{name}");
  const std::string path = SmallLerobot().Write();
  std::ofstream(path + "/meta/info.json") << "[]";
  ExpectRefused(path, "meta/info.json: expected a JSON object, got []");
}

TEST(LerobotWithoutParquetTest, BuildWithoutParquetSaysHowToGetIt) {
  if (HasParquet()) GTEST_SKIP() << "this build has Parquet";
  ExpectRefused(kFolder + "lerobot_v30", "expected a longplay with Parquet, got one without");
}

}  // namespace
}  // namespace longplay
