// SPDX-License-Identifier: MIT
#include "datasets/readers/exorl_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <limits>
#include <map>

#include "tests/datasets/npz_bytes.h"
#include "tests/temporary_folder.h"

namespace longplay {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// One array of an episode: its type, shape and values.
struct Column {
  std::string descr, shape, values;
};
using Columns = std::map<std::string, Column>;

std::string Rows(int64_t rows, int64_t width) {
  return "(" + std::to_string(rows) + ", " + std::to_string(width) + ")";
}

/// Three rows of one number each: the reset and two steps.
Columns TwoSteps() {
  return {{"observation", {"<f4", Rows(3, 1), BytesOf<float>({10, 11, 12})}},
          {"action", {"<f4", Rows(3, 1), BytesOf<float>({9, 0.25F, 0.5F})}},
          {"reward", {"<f4", Rows(3, 1), BytesOf<float>({7, 3, 4})}},
          {"discount", {"<f4", Rows(3, 1), BytesOf<float>({1, 1, 1})}}};
}

/// Writes an episode into the test's folder.
std::string WriteEpisode(const Columns& columns, const std::string& name = "episode_000000_2.npz") {
  const std::string folder = TemporaryPath("exorl");
  fs::create_directories(folder);
  std::vector<std::pair<std::string, std::string>> files;
  for (const auto& [column, array] : columns) {
    files.emplace_back(column + ".npy", NpyFile(array.descr, array.shape, array.values));
  }
  std::ofstream(folder + "/" + name, std::ios::binary) << ZipFile(files);
  return folder;
}

/// The first problem of a folder, without its path: "episode_000000_2.npz:reward: expected ...".
std::string Refusal(const std::string& folder, int64_t reward_column = -1) {
  try {
    ProblemLog log(ProblemLog::Mode::kThrowFirstError);
    SurveyAll(*OpenExorl(folder, reward_column), log, [] {});
  } catch (const DataError& error) {
    return error.where().substr(folder.size() + 1) + ": " + error.problem();
  }
  return "sound";
}

TEST(ExorlReaderTest, ActionOfARowLedToItsObservation) {
  const Episode episode = OpenExorl(WriteEpisode(TwoSteps()), -1)->Read(0);
  EXPECT_EQ(episode.length(), 2);
  EXPECT_THAT(episode.observations, ElementsAre(10, 11, 12));
  EXPECT_THAT(episode.actions, ElementsAre(0.25, 0.5)) << "without the reset's";
  EXPECT_THAT(episode.rewards, ElementsAre(3, 4));
}

TEST(ExorlReaderTest, OnlyTheLastDiscountSaysHowItEnded) {
  Columns columns = TwoSteps();
  columns["discount"].values = BytesOf<float>({0, 0, 1});
  EXPECT_TRUE(OpenExorl(WriteEpisode(columns), -1)->Read(0).truncated);
  columns["discount"].values = BytesOf<float>({1, 1, 0});
  EXPECT_TRUE(OpenExorl(WriteEpisode(columns), -1)->Read(0).terminated);
}

TEST(ExorlReaderTest, RewardsOfOneTaskAreChosenByTheirColumn) {
  Columns columns = TwoSteps();
  columns["reward"] = {"<f4", Rows(3, 2), BytesOf<float>({0, 0, 3, 30, 4, 40})};
  const std::string folder = WriteEpisode(columns);
  EXPECT_THAT(OpenExorl(folder, 1)->Read(0).rewards, ElementsAre(30, 40));
  EXPECT_THAT(OpenExorl(folder, -1)->Read(0).rewards, IsEmpty());
  EXPECT_FALSE(OpenExorl(folder, -1)->info().has_rewards);
  EXPECT_EQ(Refusal(folder, 2), "episode_000000_2.npz:reward: expected a column 2, got 2 columns");
}

TEST(ExorlReaderTest, RewardsThatAreLeftOutAreSaid) {
  Columns columns = TwoSteps();
  columns["reward"] = {"<f4", Rows(3, 2), BytesOf<float>({0, 0, 3, 30, 4, 40})};
  ProblemLog log(ProblemLog::Mode::kCollect);
  SurveyAll(*OpenExorl(WriteEpisode(columns), -1), log, [] {});
  ASSERT_EQ(log.problems().size(), 1U);
  EXPECT_EQ(log.problems()[0].severity, Severity::kWarning);
  EXPECT_EQ(log.problems()[0].problem,
            "2 columns, one per task: choose one with ?reward=K, or use `data relabel`; left out");
}

TEST(ExorlReaderTest, EpisodesComeInTheOrderOfTheirNames) {
  Columns columns = TwoSteps();
  for (const int number : {2, 0, 1}) {
    columns["reward"].values = BytesOf<float>({0, 0, 1.0F * number});
    WriteEpisode(columns, "episode_00000" + std::to_string(number) + "_2.npz");
  }
  const std::string folder = TemporaryPath("exorl");
  std::ofstream(folder + "/notes.txt") << "no episode";
  const auto reader = OpenExorl(folder, -1);
  ASSERT_EQ(reader->info().episodes, 3);
  for (int64_t e = 0; e < 3; ++e) EXPECT_EQ(reader->Read(e).rewards.back(), e);
}

TEST(ExorlReaderTest, SurveyCountsStepsWithoutTheResets) {
  WriteEpisode(TwoSteps(), "episode_000001_2.npz");
  const auto reader = OpenExorl(WriteEpisode(TwoSteps()), -1);
  ProblemLog log(ProblemLog::Mode::kThrowFirstError);
  int alive = 0;
  reader->Survey(log, [&] { ++alive; });
  EXPECT_EQ(reader->info().steps, 4);
  EXPECT_EQ(alive, 2);
}

TEST(ExorlReaderTest, TypesAndBoundsAreKnown) {
  Columns columns = TwoSteps();
  columns["observation"] = {"<f8", Rows(3, 2), BytesOf<double>({1, 2, 3, 4, 5, 6})};
  const DatasetInfo info = OpenExorl(WriteEpisode(columns), -1)->info();
  EXPECT_EQ(info.format, "exorl");
  EXPECT_EQ(info.observation_size, 2);
  EXPECT_EQ(info.observation_type, "float64");
  EXPECT_EQ(info.action_type, "float32");
  EXPECT_THAT(info.action_low, ElementsAre(-1));
  EXPECT_THAT(info.action_high, ElementsAre(1));
}

TEST(ExorlReaderTest, WhatIsWrongIsNamedByFileAndArray) {
  const auto refusal = [](const std::string& name, const Column& column) {
    Columns columns = TwoSteps();
    columns[name] = column;
    return Refusal(WriteEpisode(columns));
  };
  const std::string file = "episode_000000_2.npz:";
  EXPECT_EQ(refusal("action", {"<f4", Rows(2, 1), BytesOf<float>({1, 2})}),
            file + "action: expected 3 rows of 1 numbers, got 2 of 1");
  EXPECT_EQ(refusal("discount", {"<f4", Rows(3, 2), std::string(24, '\0')}),
            file + "discount: expected 3 rows of 1 numbers, got 3 of 2");
  const float infinity = std::numeric_limits<float>::infinity();
  EXPECT_EQ(refusal("reward", {"<f4", Rows(3, 1), BytesOf<float>({0, 0, infinity})}),
            file + "reward[2, 0]: expected a finite number, got another");
  EXPECT_EQ(refusal("observation", {"|u1", "(3, 2, 2)", std::string(12, '\0')}),
            file + "observation: expected rows of numbers, got images");
  EXPECT_EQ(refusal("observation", {"<f4", Rows(1, 1), BytesOf<float>({1})}),
            file + "observation: expected 2 or more rows, got 1");
}

TEST(ExorlReaderTest, ArrayThatIsMissingIsNamed) {
  Columns columns = TwoSteps();
  columns.erase("discount");
  EXPECT_EQ(Refusal(WriteEpisode(columns)),
            "episode_000000_2.npz:discount: expected an array, got none");
  columns.erase("observation");
  EXPECT_EQ(Refusal(WriteEpisode(columns)),
            "episode_000000_2.npz:observation: expected an array of ExoRL's episode, got none; of "
            "other layouts one .npz file is a data set");
}

TEST(ExorlReaderTest, LaterEpisodesHaveTheSizesOfTheFirst) {
  Columns columns = TwoSteps();
  WriteEpisode(columns, "episode_000000_2.npz");
  columns["observation"] = {"<f4", Rows(3, 2), std::string(24, '\0')};
  EXPECT_EQ(Refusal(WriteEpisode(columns, "episode_000001_2.npz")),
            "episode_000001_2.npz:observation: expected 3 rows of 1 numbers, got 3 of 2");
}

TEST(ExorlReaderTest, PhysicsMayBeMissing) {
  Columns columns = TwoSteps();
  EXPECT_THAT(OpenExorl(WriteEpisode(columns), -1)->ReadPhysics(0).rows, IsEmpty());
  columns["physics"] = {"<f8", Rows(3, 2), BytesOf<double>({1, 2, 3, 4, 5, 6})};
  const RecordedPhysics physics = OpenExorl(WriteEpisode(columns), -1)->ReadPhysics(0);
  EXPECT_EQ(physics.columns, 2);
  EXPECT_THAT(physics.rows, ElementsAre(1, 2, 3, 4, 5, 6)) << "of the reset, too";
}

TEST(ExorlReaderTest, FolderIsOneWhenItHoldsNpzFiles) {
  const std::string empty = TemporaryPath("empty");
  fs::create_directories(empty);
  EXPECT_FALSE(IsExorlFolder(empty));
  EXPECT_FALSE(IsExorlFolder(empty + "/none"));
  const std::string folder = WriteEpisode(TwoSteps());
  EXPECT_TRUE(IsExorlFolder(folder));
  EXPECT_FALSE(IsExorlFolder(folder + "/episode_000000_2.npz"));
}

TEST(ExorlReaderTest, EpisodesThatAreNotThereAreOutOfRange) {
  const auto reader = OpenExorl(WriteEpisode(TwoSteps()), -1);
  EXPECT_THROW(reader->Read(1), std::out_of_range);
}

}  // namespace
}  // namespace longplay
