// SPDX-License-Identifier: MIT
#include "datasets/writers/import_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "datasets/episode_reader.h"
#include "tests/datasets/npz_bytes.h"
#include "tests/temporary_folder.h"

namespace longplay {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string Write(const std::string& text) {
  const std::string path = TemporaryPath("steps.csv");
  std::ofstream(path) << text;
  return path;
}

constexpr char kSteps[] =
    "x,y,push,earned,run,fell\n0,1,0.5,1,7,0\n2,3,-0.5,2,7,0\n4,5,0.25,3,8,1\n6,7,0.25,4,9,0\n";

ImportTableOptions Toy() {
  return {.columns = {.observations = {"x", "y"},
                      .actions = {"push"},
                      .rewards = "earned",
                      .terminals = "fell",
                      .episodes = "run",
                      .environment = "Toy-v0"}};
}

TEST(ImportTableTest, RowsBecomeEpisodesInEitherLayout) {
  const std::string table = Write(kSteps);
  for (const char* name : {"minari", "d4rl.hdf5"}) {
    const std::string out = TemporaryPath(name);
    ImportTableOptions options = Toy();
    options.format = out.ends_with(".hdf5") ? TargetFormat::kD4rl : TargetFormat::kMinari;
    const ConvertResult result = ImportTable(table, out, options, {});
    EXPECT_EQ(result.episodes, 3);
    EXPECT_EQ(result.steps, 4);
    const auto reader = OpenDataset(out);
    EXPECT_EQ(reader->info().environment, "Toy-v0");
    const Episode first = reader->Read(0), second = reader->Read(1), third = reader->Read(2);
    EXPECT_THAT(first.observations, ElementsAre(0, 1, 2, 3));
    EXPECT_THAT(first.actions, ElementsAre(0.5, -0.5));
    EXPECT_THAT(first.rewards, ElementsAre(1, 2));
    EXPECT_TRUE(first.truncated && !first.terminated);
    EXPECT_TRUE(second.terminated && !second.truncated);
    EXPECT_TRUE(third.truncated);
  }
}

TEST(ImportTableTest, NotesSayWhatWasChosenAndWhatWasLeftOut) {
  const ConvertResult result =
      ImportTable(Write("stamp,obs_0,obs_1,action,episode,robot\n0,1,2,0.5,1,a\n1,3,4,0.5,1,a\n"),
                  TemporaryPath("out"), {}, {});
  ASSERT_GE(result.notes.size(), 4U);
  EXPECT_EQ(result.notes[0],
            "chosen by name: observations = obs_0, obs_1; actions = action; episodes = episode");
  EXPECT_EQ(result.notes[1], "left out: stamp, robot");
  EXPECT_EQ(result.notes[2], "steps.csv: no rewards: only behaviour cloning can use it");
  EXPECT_EQ(result.notes[3], "steps.csv: no terminals: every end counts as a time limit");
}

TEST(ImportTableTest, ARefusedTableLeavesNothing) {
  const std::string out = TemporaryPath("out");
  EXPECT_THROW(ImportTable(Write("obs,action\n1,2\n,3\n"), out, {}, {}), std::runtime_error);
  fs::remove(TemporaryPath("steps.csv"));
  EXPECT_TRUE(fs::is_empty(fs::path(out).parent_path()));
}

TEST(ImportTableTest, WhatIsThereIsReplacedOnlyWhenAskedFor) {
  const std::string table = Write(kSteps), out = TemporaryPath("out");
  ImportTable(table, out, Toy(), {});
  EXPECT_THROW(ImportTable(table, out, Toy(), {}), std::invalid_argument);
  ImportTableOptions options = Toy();
  options.existing = ExistingOutput::kReplace;
  options.columns.episodes = "none";
  EXPECT_EQ(ImportTable(table, out, options, {}).episodes, 2);
  EXPECT_EQ(OpenDataset(out)->info().episodes, 2);
  // A folder that is no data set stays.
  const std::string other = TemporaryPath("other");
  fs::create_directories(other + "/papers");
  EXPECT_THROW(ImportTable(table, other, options, {}), std::invalid_argument);
  EXPECT_TRUE(fs::exists(other + "/papers"));
}

TEST(ImportTableTest, ArraysOfOtherNamesAreNamed) {
  const std::string table = WriteNpz(TemporaryPath("steps.npz"),
                                     {{"state", {"<f4", "(2, 1)", BytesOf<float>({1, 2})}},
                                      {"control", {"<f4", "(2,)", BytesOf<float>({3, 4})}},
                                      {"rollout", {"<i8", "(2,)", BytesOf<int64_t>({0, 1})}}});
  const ImportTableOptions options = {
      .columns = {.observations = {"state"}, .actions = {"control"}, .episodes = "rollout"}};
  EXPECT_EQ(ImportTable(table, TemporaryPath("out"), options, {}).episodes, 2);
}

TEST(ImportTableTest, OptionsOfThePathCountWhereNoOtherDoes) {
  const std::string table = Write("obs,action\n1,0\n2,1\n");
  ImportTable(table + "?actions=continuous", TemporaryPath("a"), {}, {});
  EXPECT_EQ(OpenDataset(TemporaryPath("a"))->info().action_kind, ActionKind::kContinuous);
  EXPECT_THROW(ImportTable(table + "?reward=1", TemporaryPath("b"), {}, {}), std::runtime_error);
}

}  // namespace
}  // namespace longplay
