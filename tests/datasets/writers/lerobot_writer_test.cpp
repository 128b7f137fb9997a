// SPDX-License-Identifier: MIT
#include "datasets/writers/lerobot_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <random>

#include "datasets/data_error.h"
#include "datasets/episode_reader.h"
#include "datasets/parquet/parquet_table.h"
#include "datasets/validate.h"
#include "datasets/writers/convert.h"
#include "tests/oracle_python.h"
#include "tests/temporary_folder.h"

namespace longplay {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

class LerobotWriterTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!HasParquet()) GTEST_SKIP() << "this build has no Parquet";
  }
};

const DatasetInfo kInfo = {.observation_size = 2,
                           .action_size = 1,
                           .action_low = {-2},
                           .action_high = {HUGE_VAL},
                           .environment = "Toy-v0",
                           .action_type = "float64",
                           .reward_type = "float32",
                           .action_repeat = 4,
                           .max_episode_steps = 9,
                           .reference_min = -1.5,
                           .reference_max = 7};

/// Two steps, without a final observation; both end flags and none take turns.
Episode MakeEpisode(int64_t e) {
  return {.observation_size = 2,
          .action_columns = 1,
          .observations = {0.1, 1e300, -0.0, 5e-324},
          .actions = {0.1, 1.0 / 3},
          .rewards = {0.5, static_cast<double>(-e)},
          .terminated = (e & 1) != 0,
          .history = e / 2,
          .truncated = (e & 2) != 0};
}

EpisodeExtras MakeExtras(int64_t e) {
  EpisodeExtras extras;
  if (e != 1) extras.seed = 18121074477142510684ULL + static_cast<uint64_t>(e);
  extras.infos["penalty"] = {"float32", {}, {1, 2}};
  extras.infos["pose"] = {"float64", {3}, {1, 2, 3, 4, 5, 6}};
  extras.infos["task_index"] = {"int64", {}, {0, static_cast<double>(e % 2)}};
  return extras;
}

std::string WriteRich(const DatasetInfo& info = kInfo) {
  const std::string path = TemporaryPath("lerobot");
  LerobotWriter writer(path, info, {.fps = 20});
  for (int64_t e = 0; e < 4; ++e) writer.Write(MakeEpisode(e), MakeExtras(e));
  writer.Finish();
  return path;
}

TEST_F(LerobotWriterTest, WhatIsWrittenIsReadAgainBitForBit) {
  const auto reader = OpenDataset(WriteRich());
  const DatasetInfo& info = reader->info();
  EXPECT_EQ(info.format, "lerobot");
  EXPECT_EQ(info.environment, "Toy-v0");
  EXPECT_EQ(info.observation_type, "float64");
  EXPECT_EQ(info.action_type, "float64");
  EXPECT_EQ(info.reward_type, "float32");
  EXPECT_EQ(info.action_low, kInfo.action_low);
  EXPECT_EQ(info.action_high, kInfo.action_high);
  EXPECT_EQ(info.action_repeat, 4);
  EXPECT_EQ(info.max_episode_steps, 9);
  EXPECT_EQ(info.reference_min, -1.5);
  EXPECT_EQ(info.reference_max, 7);
  ASSERT_EQ(info.episodes, 4);
  for (int64_t e = 0; e < 4; ++e) {
    const Episode a = MakeEpisode(e), b = reader->Read(e);
    EXPECT_EQ(a.observations, b.observations);
    EXPECT_TRUE(std::signbit(b.observations[2]));
    EXPECT_EQ(a.actions, b.actions);
    EXPECT_EQ(a.rewards, b.rewards);
    EXPECT_EQ(a.terminated, b.terminated);
    EXPECT_EQ(a.truncated, b.truncated);
    EXPECT_EQ(a.history, b.history);
    const EpisodeExtras x = MakeExtras(e), y = reader->ReadExtras(e);
    EXPECT_EQ(x.seed, y.seed);
    ASSERT_EQ(y.infos.size(), 3);
    for (const auto& [name, array] : x.infos) {
      EXPECT_EQ(y.infos.at(name).type, array.type);
      EXPECT_EQ(y.infos.at(name).row_shape, array.row_shape);
      EXPECT_EQ(y.infos.at(name).values, array.values);
    }
  }
}

TEST_F(LerobotWriterTest, DiscreteActionsAreWholeNumbersFromTheFirstOn) {
  DatasetInfo info = kInfo;
  info.action_kind = ActionKind::kDiscrete;
  info.action_size = 5;
  info.action_start = 3;
  info.has_rewards = false;
  const std::string path = TemporaryPath("discrete");
  LerobotWriter writer(path, info);
  Episode episode = MakeEpisode(1);
  episode.actions = {4, 0};
  episode.rewards.clear();
  writer.Write(episode, {});
  writer.Finish();
  std::vector<double> actions;
  const ParquetTable table(path + "/data/chunk-000/file-000.parquet");
  EXPECT_EQ(table.Column("action").type, "int64");
  table.ReadNumbers("action", 1, actions);
  EXPECT_THAT(actions, ElementsAre(7, 3));
  const auto reader = OpenDataset(path);
  EXPECT_EQ(reader->info().action_kind, ActionKind::kDiscrete);
  EXPECT_EQ(reader->info().action_size, 5);
  EXPECT_EQ(reader->info().action_start, 3);
  EXPECT_FALSE(reader->info().has_rewards);
  EXPECT_THAT(reader->Read(0).actions, ElementsAre(4, 0));
}

TEST_F(LerobotWriterTest, WhatTheLayoutHasNoPlaceForIsNoted) {
  const std::string fixtures = LONGPLAY_SOURCE_DIR "/tests/datasets/fixtures/";
  const std::string out = TemporaryPath("converted"), back = TemporaryPath("back.hdf5");
  const ConvertResult result =
      ConvertDataset(fixtures + "minari_box", out, TargetFormat::kLerobot, {}, {.fps = 50});
  EXPECT_THAT(result.notes,
              testing::Contains("observations after the last action are left out: LeRobot's layout "
                                "has no place for them"));
  const auto a = OpenDataset(fixtures + "minari_box"), b = OpenDataset(out);
  ASSERT_EQ(a->info().episodes, b->info().episodes);
  for (int64_t e = 0; e < a->info().episodes; ++e) {
    const Episode x = a->Read(e), y = b->Read(e);
    const std::vector<double> seen(x.observations.begin(),
                                   x.observations.end() - x.observation_size);
    EXPECT_EQ(seen, y.observations);
    EXPECT_EQ(x.actions, y.actions);
    EXPECT_EQ(x.rewards, y.rewards);
    EXPECT_EQ(x.terminated, y.terminated);
    EXPECT_EQ(x.truncated, y.truncated);
  }
  std::ifstream info(out + "/meta/info.json");
  EXPECT_EQ(nlohmann::json::parse(info)["fps"], 50);
  ConvertDataset(out, back, TargetFormat::kD4rl, {});
  // Something is there already.
  EXPECT_THAT([&] { ConvertDataset(back, out, TargetFormat::kLerobot, {}); },
              ThrowsMessage<std::invalid_argument>(HasSubstr("expected nothing there")));
}

TEST_F(LerobotWriterTest, EpisodesThatDoNotFitAreRefused) {
  const std::string path = TemporaryPath("bad");
  LerobotWriter writer(path, kInfo);
  writer.Write(MakeEpisode(0), MakeExtras(0));
  const auto expect_refused = [&](const EpisodeExtras& extras, const std::string& message) {
    EXPECT_THAT([&] { writer.Write(MakeEpisode(1), extras); },
                ThrowsMessage<WriteError>(HasSubstr("bad: episode 1: " + message)));
  };
  expect_refused({}, "expected the infos of the first episode, got others");
  EpisodeExtras extras = MakeExtras(1);
  extras.infos["more"] = {"float64", {}, {1, 2}};
  expect_refused(extras, "expected the infos of the first episode, got others");
  extras = MakeExtras(1);
  extras.infos["pose"].values.resize(5);
  expect_refused(extras,
                 "infos/pose: expected it alike in every episode, a row a step or one more");
  EXPECT_THAT([] { LerobotWriter(TemporaryPath("none"), kInfo, {.fps = 0}); },
              ThrowsMessage<std::invalid_argument>(HasSubstr("expected at least 1 frame/s")));
}

// ---- a kill while writing -----------------------------------------------------------------------------

/// Writes episodes for ever, a byte into `pipe` after each; files are split every few of them.
[[noreturn]] void WriteForEver(const std::string& path, int pipe) {
  DatasetInfo info = kInfo;
  info.observation_size = 200;
  LerobotWriter writer(path, info, {.data_files_size_in_mb = 1});
  std::mt19937 random;
  std::normal_distribution<double> normal;
  for (int64_t e = 0;; ++e) {
    Episode episode = MakeEpisode(e);
    episode.observation_size = 200;
    episode.observations.resize(40'000);
    for (double& value : episode.observations) value = normal(random);
    episode.actions.assign(200, 0.5);
    episode.rewards.assign(200, static_cast<double>(e));
    writer.Write(episode, {});
    if (::write(pipe, "x", 1) != 1) std::abort();
  }
}

TEST_F(LerobotWriterTest, AKillLosesNoMoreThanTheOpenEpisode) {
  std::mt19937 random(7);
  for (int round = 0; round < 12; ++round) {
    const std::string path = TemporaryPath("killed");
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) WriteForEver(path, ends[1]);
    ::close(ends[1]);
    // At any moment after so many episodes; a data file has three.
    const auto wanted = static_cast<int64_t>(1 + random() % 9);
    char byte = 0;
    int64_t written = 0;
    while (written < wanted && ::read(ends[0], &byte, 1) == 1) ++written;
    usleep(random() % 12'000);
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    while (::read(ends[0], &byte, 1) == 1) ++written;
    ::close(ends[0]);
    // What is there is a data set of all that were written, as they were.
    EXPECT_FALSE(fs::exists(path));
    const auto reader = OpenDataset(path + ".partial");
    EXPECT_GE(reader->info().episodes, written);
    EXPECT_LE(reader->info().episodes, written + 1);
    for (int64_t e = 0; e < reader->info().episodes; ++e) {
      const Episode episode = reader->Read(e);
      EXPECT_EQ(episode.length(), 200);
      EXPECT_EQ(episode.rewards.back(), static_cast<double>(e));
    }
    for (const Problem& problem : ValidateDataset(path + ".partial")) {
      EXPECT_EQ(problem.severity, Severity::kWarning) << problem.where << ": " << problem.problem;
    }
  }
}

// ---- what others read ----------------------------------------------------------------------------------

TEST_F(LerobotWriterTest, PyarrowFindsTheColumnsThatLerobotWrites) {
  if (!HasOracles()) GTEST_SKIP() << kNoOracles;
  // Types of every column, against a data set that lerobot 0.4.4 wrote.
  const std::string output = RunPython(R"(
import json, sys
sys.path.insert(0, ")" LONGPLAY_SOURCE_DIR R"(/.deps/arrow")
import pyarrow.parquet as pq
theirs = ")" LONGPLAY_SOURCE_DIR R"(/tests/datasets/fixtures/columnar/lerobot_v30"
ours = sys.argv[1]
def types(path):
    return {field.name: str(field.type) for field in pq.read_schema(path)}
data, meta = "/data/chunk-000/file-000.parquet", "/meta/episodes/chunk-000/file-000.parquet"
a, b = types(theirs + data), types(ours + data)
for name in sorted(set(a) & set(b)):
    if a[name] != b[name]: print(name, a[name], b[name])
print(sorted(set(b) - set(a)))
a, b = types(theirs + meta), types(ours + meta)
for name in sorted(set(a) & set(b)):
    if a[name] != b[name]: print(name, a[name], b[name])
print([name for name in b if not name.startswith("stats/") and name not in a])
print([name for name in a if not name.startswith("stats/") and name not in b])
a, b = (json.load(open(path + "/meta/info.json")) for path in (theirs, ours))
print(list(a) == list(b), b["splits"], b["total_episodes"], b["total_frames"], b["total_tasks"], b["fps"])
print(list(a["features"]["action"]) == list(b["features"]["action"]))
table = pq.read_table(ours + "/meta/tasks.parquet")
print(table.to_pydict(), json.loads(table.schema.metadata[b"pandas"])["index_columns"])
print(pq.read_table(ours + meta, columns=["tasks", "dataset_from_index", "dataset_to_index"]).to_pydict())
)",
                                       WriteRich());
  EXPECT_EQ(
      output,
      "action fixed_size_list<element: float>[2] double\n"
      "observation.state fixed_size_list<element: float>[3] fixed_size_list<element: double>[2]\n"
      "['complementary_info.penalty', 'complementary_info.pose', 'next.done', 'next.truncated']\n"
      "['longplay/ends', 'longplay/history', 'longplay/has_seed', 'longplay/seed']\n"
      "[]\n"
      "True {'train': '0:4'} 4 8 2 20\n"
      "True\n"
      "{'task_index': [0, 1], 'task': ['Toy-v0', 'task 1']} ['task']\n"
      "{'tasks': [['Toy-v0'], ['Toy-v0', 'task 1'], ['Toy-v0'], ['Toy-v0', 'task 1']], "
      "'dataset_from_index': [0, 2, 4, 6], 'dataset_to_index': [2, 4, 6, 8]}\n");
}

TEST(LerobotWithoutParquetTest, WritingIsRefusedBeforeAnythingIsThere) {
  if (HasParquet()) GTEST_SKIP() << "this build has Parquet";
  const std::string path = TemporaryPath("none");
  EXPECT_THAT([&] { LerobotWriter(path, kInfo); },
              ThrowsMessage<DataError>(HasSubstr("expected a longplay with Parquet")));
  EXPECT_FALSE(fs::exists(path + ".partial"));
}

}  // namespace
}  // namespace longplay
