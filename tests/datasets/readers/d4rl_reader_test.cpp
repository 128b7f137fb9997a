// SPDX-License-Identifier: MIT
#include "datasets/readers/d4rl_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "datasets/files/hdf5_writer.h"
#include "tests/temporary_folder.h"

namespace longplay {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// The arrays of a flat file with one number of each kind a row, and its root attributes.
struct FlatFile {
  std::map<std::string, std::vector<double>> arrays;
  std::string action_type = "float32";
  std::map<std::string, int64_t> attributes = {};
};

std::string WriteFlat(const FlatFile& flat) {
  const std::string path = TemporaryPath("flat.hdf5");
  const Hdf5Id file = CreateHdf5File(path);
  for (const auto& [name, values] : flat.arrays) {
    const bool flags = name == "terminals" || name == "timeouts";
    WriteArray(file.get(), name, {static_cast<int64_t>(values.size())},
               name == "actions" ? flat.action_type : (flags ? "bool" : "float32"), values);
  }
  for (const auto& [name, value] : flat.attributes) WriteAttribute(file.get(), name, value);
  return path;
}

/// Six rows that see 0 ... 5, act 0 ... 0.5 and earn 10 ... 15, and what the case adds.
FlatFile SixRows(const std::map<std::string, std::vector<double>>& more) {
  FlatFile flat{.arrays = more};
  flat.arrays["observations"] = {0, 1, 2, 3, 4, 5};
  flat.arrays["actions"] = {0, 0.25, 0.5, 0.75, 1, 1.25};
  flat.arrays["rewards"] = {10, 11, 12, 13, 14, 15};
  return flat;
}

std::vector<int64_t> Lengths(const EpisodeReader& reader) {
  std::vector<int64_t> lengths;
  for (int64_t e = 0; e < reader.info().episodes; ++e) lengths.push_back(reader.Read(e).length());
  return lengths;
}

std::vector<std::string> Warnings(FormatReader& reader) {
  ProblemLog log(ProblemLog::Mode::kCollect);
  SurveyAll(reader, log, [] {});
  EXPECT_FALSE(log.has_errors());
  std::vector<std::string> warnings;
  for (const Problem& problem : log.problems()) warnings.push_back(problem.problem);
  return warnings;
}

std::string Refusal(const std::string& path) {
  try {
    OpenD4rl(path);
  } catch (const DataError& error) {
    return error.where().substr(path.size()) + ": " + error.problem();
  }
  return "opened";
}

TEST(D4rlReaderTest, EpisodesEndAfterRowsWithEitherFlag) {
  const auto reader = OpenD4rl(
      WriteFlat(SixRows({{"terminals", {0, 1, 0, 0, 0, 0}}, {"timeouts", {0, 0, 0, 0, 1, 1}}})));
  EXPECT_THAT(Lengths(*reader), ElementsAre(2, 3, 1));
  const Episode first = reader->Read(0), second = reader->Read(1);
  EXPECT_TRUE(first.terminated && !first.truncated);
  EXPECT_TRUE(second.truncated && !second.terminated);
  EXPECT_THAT(second.observations, ElementsAre(2, 3, 4));
  EXPECT_THAT(second.actions, ElementsAre(0.5, 0.75, 1));
  EXPECT_THAT(second.rewards, ElementsAre(12, 13, 14));
  EXPECT_THAT(Warnings(*reader), IsEmpty());
}

TEST(D4rlReaderTest, RowWithBothFlagsIsTerminated) {
  const auto reader = OpenD4rl(
      WriteFlat(SixRows({{"terminals", {0, 0, 1, 0, 0, 1}}, {"timeouts", {0, 0, 1, 0, 0, 1}}})));
  const Episode episode = reader->Read(0);
  EXPECT_TRUE(episode.terminated && !episode.truncated);
  EXPECT_THAT(Warnings(*reader), ElementsAre("terminal and timeout at once: counts as terminal"));
}

TEST(D4rlReaderTest, RowsAfterTheLastEndAreATruncatedEpisode) {
  const auto reader = OpenD4rl(
      WriteFlat(SixRows({{"terminals", {0, 1, 0, 0, 0, 0}}, {"timeouts", {0, 0, 0, 0, 0, 0}}})));
  EXPECT_THAT(Lengths(*reader), ElementsAre(2, 4));
  EXPECT_TRUE(reader->Read(1).truncated);
  EXPECT_THAT(Warnings(*reader),
              ElementsAre("the last episode has no end flag: kept as a truncated one of 4 steps"));
}

TEST(D4rlReaderTest, WithoutTimeoutsEpisodesEndWhereTheNextRowDoesNotContinue) {
  // After row 3 came 9, but row 4 sees 4.
  const auto reader = OpenD4rl(WriteFlat(
      SixRows({{"terminals", {0, 1, 0, 0, 0, 1}}, {"next_observations", {1, 7, 3, 9, 5, 6}}})));
  EXPECT_THAT(Lengths(*reader), ElementsAre(2, 2, 2));
  EXPECT_TRUE(reader->Read(0).terminated);
  EXPECT_TRUE(reader->Read(1).truncated);
  EXPECT_THAT(Warnings(*reader),
              ElementsAre("no timeouts: cut where next_observations does not continue"));
}

TEST(D4rlReaderTest, WithoutTimeoutsEpisodesEndAtTheirMostSteps) {
  FlatFile flat = SixRows({{"terminals", {0, 0, 0, 1, 0, 0}}});
  flat.attributes = {{"max_episode_steps", 3}};
  {
    const auto reader = OpenD4rl(WriteFlat(flat));
    EXPECT_THAT(Lengths(*reader), ElementsAre(3, 1, 2));
    EXPECT_TRUE(reader->Read(0).truncated);
    EXPECT_TRUE(reader->Read(1).terminated);
  }
  flat.arrays["timeouts"] = {0, 0, 0, 0, 0, 1};
  EXPECT_THAT(Lengths(*OpenD4rl(WriteFlat(flat))), ElementsAre(4, 2)) << "timeouts say it";
}

TEST(D4rlReaderTest, NextObservationsGiveTheFinalOne) {
  FlatFile flat = SixRows({{"timeouts", {0, 0, 1, 0, 0, 1}}});
  EXPECT_FALSE(OpenD4rl(WriteFlat(flat))->Read(0).has_final_observation());
  flat.arrays["next_observations"] = {1, 2, 77, 4, 5, 88};
  const auto reader = OpenD4rl(WriteFlat(flat));
  EXPECT_THAT(reader->Read(0).observations, ElementsAre(0, 1, 2, 77));
  EXPECT_THAT(reader->Read(1).observations, ElementsAre(3, 4, 5, 88));
}

TEST(D4rlReaderTest, WhatIsMissingIsSaid) {
  FlatFile flat = SixRows({{"timeouts", {0, 0, 1, 0, 0, 1}}});
  flat.arrays.erase("rewards");
  const auto reader = OpenD4rl(WriteFlat(flat));
  EXPECT_FALSE(reader->info().has_rewards);
  EXPECT_THAT(reader->Read(0).rewards, IsEmpty());
  EXPECT_THAT(Warnings(*reader), ElementsAre("no rewards: only behaviour cloning can use it",
                                             "no terminals: every end counts as a time limit"));
}

TEST(D4rlReaderTest, FileThatSaysNothingOfEndsIsRefused) {
  EXPECT_EQ(Refusal(WriteFlat(SixRows({}))),
            ":/: expected an array terminals or timeouts (where episodes end), got neither");
}

TEST(D4rlReaderTest, ColumnsOfOtherLengthsAreRefused) {
  FlatFile flat = SixRows({{"timeouts", {0, 0, 1}}});
  EXPECT_EQ(Refusal(WriteFlat(flat)), ":timeouts: expected 6 rows, got 3");
  flat.arrays["actions"] = {1, 2};
  EXPECT_EQ(Refusal(WriteFlat(flat)), ":actions: expected 6 rows, got 2");
}

TEST(D4rlReaderTest, SeveralWholeNumbersARowAreNoAction) {
  const std::string path = WriteFlat({});
  {
    const Hdf5Id file = CreateHdf5File(path);
    WriteArray(file.get(), "observations", {2}, "float32", std::vector<double>{1, 2});
    WriteArray(file.get(), "actions", {2, 2}, "int64", std::vector<double>{1, 2, 3, 4});
  }
  EXPECT_EQ(Refusal(path),
            ":actions: expected one whole number a row (discrete actions) or decimal ones; "
            "?actions=continuous takes whole numbers as decimal ones, got 2 "
            "whole numbers a row");
}

TEST(D4rlReaderTest, DiscreteActionsAreAsManyAsTheLargestSays) {
  FlatFile flat = SixRows({{"timeouts", {0, 0, 0, 0, 0, 1}}});
  flat.action_type = "int64";
  flat.arrays["actions"] = {0, 3, 1, 0, 0, 2};
  const auto reader = OpenD4rl(WriteFlat(flat));
  EXPECT_EQ(reader->info().action_kind, ActionKind::kDiscrete);
  EXPECT_EQ(reader->info().action_size, 4);
  EXPECT_EQ(reader->Read(0).action_columns, 1);
  EXPECT_THAT(reader->Read(0).actions, ElementsAre(0, 3, 1, 0, 0, 2));
}

TEST(D4rlReaderTest, RootAttributesSayWhatTheTaskIs) {
  const std::string path = WriteFlat(SixRows({{"timeouts", {0, 0, 0, 0, 0, 1}}}));
  {
    const Hdf5Id file(H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT));
    WriteAttribute(file.get(), "env_id", std::string("Hopper-v5"));
    WriteAttribute(file.get(), "action_repeat", int64_t{2});
    WriteAttribute(file.get(), "max_episode_steps", int64_t{500});
    WriteAttribute(file.get(), "ref_min_score", -20.5);
    WriteAttribute(file.get(), "ref_max_score", 3234.25);
  }
  const DatasetInfo info = OpenD4rl(path)->info();
  EXPECT_EQ(info.environment, "Hopper-v5");
  EXPECT_EQ(info.action_repeat, 2);
  EXPECT_EQ(info.max_episode_steps, 500);
  EXPECT_EQ(info.reference_min, -20.5);
  EXPECT_EQ(info.reference_max, 3234.25);
}

/// The group that our own writer keeps, of two episodes of these lengths.
void AddSideGroup(const std::string& path, const std::vector<double>& lengths) {
  const Hdf5Id file(H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT));
  const Hdf5Id group = MakeGroup(file.get(), "longplay");
  WriteArray(group.get(), "length", {2}, "int64", lengths);
  WriteArray(group.get(), "ends", {2}, "uint8", std::vector<double>{0, 3});
  WriteArray(group.get(), "history", {2}, "int64", std::vector<double>{5, 6});
  WriteArray(group.get(), "has_seed", {2}, "bool", std::vector<double>{0, 1});
  WriteArray(group.get(), "seed", {2, 2}, "uint32", std::vector<double>{0, 0, 1, 7});
}

TEST(D4rlReaderTest, SideGroupSaysWhatTheFlatArraysCannot) {
  const std::string path = WriteFlat(SixRows({{"timeouts", {0, 0, 1, 0, 0, 1}}}));
  AddSideGroup(path, {3, 3});
  const auto reader = OpenD4rl(path);
  const Episode first = reader->Read(0), second = reader->Read(1);
  EXPECT_TRUE(!first.terminated && !first.truncated);
  EXPECT_TRUE(second.terminated && second.truncated);
  EXPECT_EQ(first.history, 5);
  EXPECT_EQ(second.history, 6);
  EXPECT_EQ(reader->ReadExtras(0).seed, std::nullopt);
  EXPECT_EQ(reader->ReadExtras(1).seed, (uint64_t{1} << 32) + 7);
}

TEST(D4rlReaderTest, SideGroupOfOtherEpisodesIsIgnored) {
  const std::string path = WriteFlat(SixRows({{"timeouts", {0, 0, 1, 0, 0, 1}}}));
  AddSideGroup(path, {2, 4});  // the flat arrays were cut anew since
  const auto reader = OpenD4rl(path);
  EXPECT_TRUE(reader->Read(0).truncated);
  EXPECT_EQ(reader->Read(0).history, 0);
  EXPECT_EQ(reader->ReadExtras(1).seed, std::nullopt);
}

TEST(D4rlReaderTest, InfosAreCutWithTheEpisodesAndTheRestIsNamed) {
  FlatFile flat = SixRows({{"timeouts", {0, 0, 1, 0, 0, 1}}});
  flat.arrays["metadata"] = {1};
  const std::string path = WriteFlat(flat);
  {
    const Hdf5Id file(H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT));
    const Hdf5Id infos = MakeGroup(file.get(), "infos/goal");
    WriteArray(infos.get(), "x", {6}, "int32", std::vector<double>{0, 1, 2, 3, 4, 5});
    WriteArray(infos.get(), "once", {1}, "int32", std::vector<double>{0});
  }
  const EpisodeExtras extras = OpenD4rl(path)->ReadExtras(1);
  ASSERT_THAT(extras.infos, ElementsAre(testing::Key("goal/x")));
  EXPECT_EQ(extras.infos.at("goal/x").type, "int32");
  EXPECT_THAT(extras.infos.at("goal/x").values, ElementsAre(3, 4, 5));
  EXPECT_THAT(extras.left_out, ElementsAre("infos/goal/once", "metadata"));
}

TEST(D4rlReaderTest, PhysicsArePositionsThenVelocitiesBeforeEachStep) {
  const std::string path = WriteFlat(SixRows({{"timeouts", {0, 0, 0, 0, 1, 1}}}));
  EXPECT_THAT(OpenD4rl(path)->ReadPhysics(1).rows, IsEmpty());
  {
    const Hdf5Id file(H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT));
    const Hdf5Id infos = MakeGroup(file.get(), "infos");
    WriteArray(infos.get(), "qpos", {6, 2}, "float64",
               std::vector<double>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11});
    WriteArray(infos.get(), "qvel", {6}, "float64", std::vector<double>{20, 21, 22, 23, 24, 25});
  }
  const RecordedPhysics physics = OpenD4rl(path)->ReadPhysics(1);
  EXPECT_EQ(physics.columns, 3);
  EXPECT_THAT(physics.rows, ElementsAre(10, 11, 25));
}

TEST(D4rlReaderTest, EpisodesThatAreNotThereAreOutOfRange) {
  const auto reader = OpenD4rl(WriteFlat(SixRows({{"timeouts", {0, 0, 0, 0, 0, 1}}})));
  EXPECT_THROW(reader->Read(1), std::out_of_range);
  EXPECT_THROW(reader->Read(-1), std::out_of_range);
}

/// Six rows of discrete actions whose first is `start`, as our own writer says it.
std::string WriteDiscrete(const std::vector<double>& actions, int64_t start) {
  FlatFile flat = SixRows({{"timeouts", {0, 0, 0, 0, 0, 1}}});
  flat.action_type = "int64";
  flat.arrays["actions"] = actions;
  const std::string path = WriteFlat(flat);
  const Hdf5Id file(H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT));
  const Hdf5Id group = MakeGroup(file.get(), "longplay");
  WriteAttribute(group.get(), "action_start", start);
  return path;
}

// Once it was refused, though our own writer had written it.
TEST(D4rlReaderTest, FirstDiscreteActionMayBeNegative) {
  const auto reader = OpenD4rl(WriteDiscrete({-2, -1, 0, -2, -2, 1}, -2));
  EXPECT_EQ(reader->info().action_size, 4);
  EXPECT_EQ(reader->info().action_start, -2);
  EXPECT_THAT(reader->Read(0).actions, ElementsAre(0, 1, 2, 0, 0, 3));
}

// Once it became an index below zero.
TEST(D4rlReaderTest, DiscreteActionBelowTheFirstIsRefused) {
  EXPECT_EQ(Refusal(WriteDiscrete({5, 6, 4, 5, 5, 5}, 5)),
            ":actions[2]: expected a whole number from 5 to 1000005, got 4");
}

}  // namespace
}  // namespace longplay
