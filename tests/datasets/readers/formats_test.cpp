// SPDX-License-Identifier: MIT
// Every readable layout against what its own reader, or its definition, says of the same file
// (fixtures/make_format_fixtures.py): identical numbers, returns and ends.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>
#include <fstream>

#include "datasets/data_error.h"
#include "datasets/episode_reader.h"
#include "datasets/files/hdf5_file.h"
#include "datasets/files/npz.h"
#include "datasets/validate.h"
#include "tests/temporary_folder.h"

namespace longplay {
namespace {

const std::string kFolder = LONGPLAY_SOURCE_DIR "/tests/datasets/fixtures/formats/";

void ExpectEpisodesOf(const std::string& path, const std::string& expected_name) {
  const Hdf5File expected(kFolder + "expected.hdf5");
  const auto reader = OpenDataset(path);
  const auto episodes = static_cast<int64_t>(expected.Children(expected_name).size());
  ASSERT_EQ(reader->info().episodes, episodes);
  int64_t steps = 0;
  for (int64_t e = 0; e < episodes; ++e) {
    const std::string group = expected_name + "/" + std::to_string(e) + "/";
    const Episode episode = reader->Read(e);
    EXPECT_EQ(episode.observations, expected.Open(group + "observations").Read());
    EXPECT_EQ(episode.actions, expected.Open(group + "actions").Read());
    if (reader->info().has_rewards) {
      EXPECT_EQ(episode.rewards, expected.Open(group + "rewards").Read());
    }
    EXPECT_EQ(episode.terminated, expected.Open(group + "terminated").Read()[0] != 0);
    EXPECT_EQ(episode.truncated, !episode.terminated);
    steps += episode.length();
  }
  EXPECT_EQ(reader->info().steps, steps);
}

class FormatsTest : public testing::TestWithParam<std::string> {};

TEST_P(FormatsTest, EpisodesAreIdentical) { ExpectEpisodesOf(kFolder + GetParam(), GetParam()); }

INSTANTIATE_TEST_SUITE_P(Files, FormatsTest,
                         testing::Values("minari_dict", "minari_tuple", "minari_04.hdf5",
                                         "robomimic.hdf5", "robomimic_docs.hdf5", "d3rlpy.h5",
                                         "d3rlpy_discrete.h5", "d3rlpy_tuple.h5", "exorl",
                                         "vintix.h5"),
                         [](const auto& info) {
                           return info.param.substr(0, info.param.find('.'));
                         });

DatasetInfo InfoOf(const std::string& name) { return OpenDataset(kFolder + name)->info(); }

void ExpectRefused(const std::string& path, const std::string& part) {
  EXPECT_THAT([&] { OpenDataset(path); },
              testing::ThrowsMessage<std::runtime_error>(testing::HasSubstr(part)));
}

TEST(MinariReaderTest, OldFilesHaveTheirMetadataAsAttributes) {
  const DatasetInfo info = InfoOf("minari_04.hdf5");
  EXPECT_EQ(info.environment, "Hopper-v4");
  EXPECT_EQ(info.action_low, (std::vector<double>{-2, -1}));
  EXPECT_EQ(info.action_high, (std::vector<double>{2, 1}));
}

TEST(RobomimicReaderTest, DemosComeInTheOrderOfTheirNumbers) {
  EXPECT_EQ(InfoOf("robomimic.hdf5").episodes, 3);  // demo_0, demo_2, demo_10, each another length
  EXPECT_EQ(InfoOf("robomimic.hdf5").environment, "Lift");
  EXPECT_EQ(InfoOf("robomimic_docs.hdf5").environment, "Lift");
}

TEST(RobomimicReaderTest, ObservationKeysAreChosenInThePath) {
  ExpectEpisodesOf(kFolder + "robomimic.hdf5?observations=robot0_eef_pos,object",
                   "robomimic.hdf5_observations=robot0_eef_pos,object");
  ExpectRefused(kFolder + "robomimic.hdf5?observations=gripper", "obs/gripper: expected an array");
  ExpectRefused(kFolder + "robomimic.hdf5?observations=agentview_image",
                "obs/agentview_image: expected rows of numbers, got images");
  ExpectRefused(kFolder + "robomimic.hdf5?keys=object", "expected ?observations=KEY,KEY");
}

// dones of the last row is 1 where the task was solved: nothing lies beyond; else time was up.
TEST(RobomimicReaderTest, DoneAtTheEndMeansTerminated) {
  const auto reader = OpenDataset(kFolder + "robomimic.hdf5");
  EXPECT_TRUE(reader->Read(0).truncated);
  EXPECT_TRUE(reader->Read(1).terminated);
}

TEST(RobomimicReaderTest, NextObservationsGiveTheFinalOne) {
  EXPECT_TRUE(OpenDataset(kFolder + "robomimic.hdf5")->Read(0).has_final_observation());
  EXPECT_FALSE(OpenDataset(kFolder + "robomimic_docs.hdf5")->Read(0).has_final_observation());
}

TEST(D3rlpyReaderTest, WholeNumbersAreDiscreteActions) {
  EXPECT_EQ(InfoOf("d3rlpy_discrete.h5").action_kind, ActionKind::kDiscrete);
  EXPECT_EQ(InfoOf("d3rlpy.h5").action_kind, ActionKind::kContinuous);
}

// The file says when the task ended an episode; every other end was a time limit.
TEST(D3rlpyReaderTest, WhatIsNotTerminatedIsTruncated) {
  const auto reader = OpenDataset(kFolder + "d3rlpy.h5");
  EXPECT_TRUE(reader->Read(0).terminated);
  EXPECT_TRUE(reader->Read(1).truncated);
  EXPECT_FALSE(reader->Read(0).has_final_observation());
}

TEST(ExorlReaderTest, RewardOfARowBelongsToTheStepThatReachesIt) {
  const Hdf5File expected(kFolder + "expected.hdf5");
  const Episode episode = OpenDataset(kFolder + "exorl")->Read(0);
  EXPECT_EQ(episode.length(), 6);  // of 7 rows, the first is the reset
  EXPECT_TRUE(episode.has_final_observation());
  EXPECT_EQ(episode.rewards, expected.Open("exorl/0/rewards").Read());
}

TEST(ExorlReaderTest, NoDiscountAtTheEndMeansTerminated) {
  const auto reader = OpenDataset(kFolder + "exorl");
  EXPECT_TRUE(reader->Read(1).truncated);
  EXPECT_TRUE(reader->Read(2).terminated);
}

TEST(ExorlReaderTest, PhysicsOfEveryRowIsThere) {
  const Hdf5File expected(kFolder + "expected.hdf5");
  const RecordedPhysics physics = OpenDataset(kFolder + "exorl")->ReadPhysics(1);
  EXPECT_EQ(physics.columns, 4);
  EXPECT_EQ(physics.rows, expected.Open("exorl/1/physics").Read());
  EXPECT_TRUE(OpenDataset(kFolder + "vintix.h5")->ReadPhysics(0).rows.empty());
}

TEST(ExorlReaderTest, RewardsOfSeveralTasksAreLeftOutOrChosen) {
  EXPECT_FALSE(InfoOf("exorl_four").has_rewards);
  ExpectEpisodesOf(kFolder + "exorl_four", "exorl_four");
  ExpectEpisodesOf(kFolder + "exorl_four?reward=1", "exorl_four");
  EXPECT_TRUE(OpenDataset(kFolder + "exorl_four?reward=1")->info().has_rewards);
  ExpectRefused(kFolder + "exorl_four?reward=4", "expected a column 4, got 4 columns");
}

TEST(VintixReaderTest, EpisodesBeginWhereStepNumbersDoAcrossGroups) {
  const auto reader = OpenDataset(kFolder + "vintix.h5");
  EXPECT_EQ(reader->info().episodes, 3);
  EXPECT_EQ(reader->Read(1).length(), 9);  // steps 7 ... 15, in groups 0-9 and 10-19
  EXPECT_TRUE(reader->Read(1).truncated);
}

TEST(FormatsTest, OtherFilesAreNamedForWhatTheyAreNot) {
  const std::string folder = TemporaryPath("empty_folder");
  std::filesystem::create_directories(folder);
  ExpectRefused(
      folder,
      "expected a Minari folder with data/main_data.hdf5, ExoRL's .npz files or a LeRobot folder");
  ExpectRefused(kFolder + "expected.hdf5", "none of them");
  ExpectRefused(kFolder + "no_such.hdf5",
                "expected a data file or folder, got none: there is no such file");
}

std::vector<std::byte> Bytes(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  std::vector<std::byte> bytes(text.size());
  std::memcpy(bytes.data(), text.data(), text.size());
  return bytes;
}

TEST(NpzTest, EveryTypeAndOrderIsWhatNumpySays) {
  const Hdf5File expected(kFolder + "expected.hdf5");
  const auto arrays =
      ParseNpz(Bytes(kFolder + "types.npz"), [](const std::string&) { return true; });
  ASSERT_EQ(arrays.size(), expected.Children("types.npz").size());
  for (const auto& [name, array] : arrays) {
    EXPECT_EQ(array.values, expected.Open("types.npz/" + name).Read()) << name;
  }
  EXPECT_EQ(arrays.at("turned").shape, (std::vector<int64_t>{2, 3, 2}));
  EXPECT_EQ(arrays.at("scalar").rows(), 1);
}

}  // namespace
}  // namespace longplay
