// SPDX-License-Identifier: MIT
#include "datasets/readers/vintix_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "datasets/episode_reader.h"
#include "datasets/files/hdf5_writer.h"
#include "tests/temporary_folder.h"

namespace longplay {
namespace {

using ::testing::ElementsAre;

/// A group's step numbers; step n of the file sees (n, -n), does n / 4 and earns 10 n.
using Groups = std::map<std::string, std::vector<double>>;

std::string WriteGroups(const Groups& groups) {
  const std::string path = TemporaryPath("vintix.h5");
  const Hdf5Id file = CreateHdf5File(path);
  for (const auto& [name, numbers] : groups) {
    const Hdf5Id group = MakeGroup(file.get(), name);
    const auto rows = static_cast<int64_t>(numbers.size());
    const double first = std::stod(name);
    std::vector<double> observations, actions, rewards;
    for (double n = first; n < first + static_cast<double>(rows); ++n) {
      observations.insert(observations.end(), {n, -n});
      actions.push_back(n / 4);
      rewards.push_back(10 * n);
    }
    WriteArray(group.get(), "step_num", {rows}, "int64", numbers);
    WriteArray(group.get(), "proprio_observation", {rows, 2}, "float32", observations);
    WriteArray(group.get(), "action", {rows, 1}, "float32", actions);
    WriteArray(group.get(), "reward", {rows}, "float64", rewards);
  }
  return path;
}

std::vector<std::string> Problems(const std::string& path) {
  ProblemLog log(ProblemLog::Mode::kCollect);
  log.Attempt([&] { SurveyAll(*OpenVintix(path), log, [] {}); });
  std::vector<std::string> problems;
  for (const Problem& problem : log.problems()) {
    problems.push_back(problem.where.substr(path.size()) + ": " + problem.problem);
  }
  return problems;
}

TEST(VintixReaderTest, GroupsAreNamedByTheirFirstAndLastStep) {
  EXPECT_TRUE(IsVintixGroup("0-9999"));
  EXPECT_TRUE(IsVintixGroup("7-7"));
  for (const char* name : {"", "0", "0-", "-9", "9-0", "a-b", "0-9x", "0_9", "episode_0"}) {
    EXPECT_FALSE(IsVintixGroup(name)) << name;
  }
}

TEST(VintixReaderTest, EpisodesBeginWhereStepNumbersAreZero) {
  const auto reader = OpenVintix(WriteGroups({{"0-4", {0, 1, 0, 1, 2}}}));
  EXPECT_EQ(reader->info().episodes, 2);
  EXPECT_EQ(reader->info().steps, 5);
  const Episode second = reader->Read(1);
  EXPECT_THAT(second.observations, ElementsAre(2, -2, 3, -3, 4, -4));
  EXPECT_THAT(second.actions, ElementsAre(0.5, 0.75, 1));
  EXPECT_THAT(second.rewards, ElementsAre(20, 30, 40));
}

TEST(VintixReaderTest, EpisodesGoOnInTheGroupThatFollowsInNumericOrder) {
  // By name, 10-11 would come before 8-9.
  const auto reader =
      OpenVintix(WriteGroups({{"8-9", {0, 1}}, {"10-11", {2, 3}}, {"12-13", {4, 0}}}));
  ASSERT_EQ(reader->info().episodes, 2);
  EXPECT_THAT(reader->Read(0).rewards, ElementsAre(80, 90, 100, 110, 120));
  EXPECT_THAT(reader->Read(1).rewards, ElementsAre(130));
}

TEST(VintixReaderTest, RecordingMayBeginInTheMiddleOfAnEpisode) {
  const auto reader = OpenVintix(WriteGroups({{"0-3", {5, 6, 0, 1}}}));
  ASSERT_EQ(reader->info().episodes, 2);
  EXPECT_THAT(reader->Read(0).rewards, ElementsAre(0, 10));
}

TEST(VintixReaderTest, EveryEndIsATimeLimitAndThatIsSaid) {
  const std::string path = WriteGroups({{"0-3", {0, 1, 0, 1}}});
  for (int64_t e = 0; e < 2; ++e) {
    const Episode episode = OpenVintix(path)->Read(e);
    EXPECT_TRUE(episode.truncated && !episode.terminated);
    EXPECT_FALSE(episode.has_final_observation());
  }
  EXPECT_THAT(Problems(path),
              ElementsAre(": how episodes end is not recorded: every end counts as a time limit"));
}

TEST(VintixReaderTest, SizesAndTypesAreThoseOfTheFirstGroup) {
  const DatasetInfo info = OpenVintix(WriteGroups({{"0-1", {0, 1}}}))->info();
  EXPECT_EQ(info.format, "vintix");
  EXPECT_EQ(info.observation_size, 2);
  EXPECT_EQ(info.action_size, 1);
  EXPECT_EQ(info.observation_type, "float32");
  EXPECT_EQ(info.reward_type, "float64");
}

TEST(VintixReaderTest, ArraysThatDoNotFitAreNamedByTheirGroup) {
  const std::string path = WriteGroups({{"0-1", {0, 1}}});
  {
    const Hdf5Id file(H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT));
    const Hdf5Id group = MakeGroup(file.get(), "2-3");
    WriteArray(group.get(), "step_num", {2}, "int64", std::vector<double>{2, 3});
    WriteArray(group.get(), "proprio_observation", {2, 2}, "float32",
               std::vector<double>{1, 2, std::nan(""), 4});
    WriteArray(group.get(), "action", {2, 2}, "float32", std::vector<double>{1, 2, 3, 4});
    WriteArray(group.get(), "reward", {1}, "float32", std::vector<double>{1});
  }
  EXPECT_THAT(Problems(path),
              ElementsAre(":2-3/action: expected 1 number a row, got 2",
                          ":2-3/reward: expected 2 rows, got 1", testing::_,
                          ":2-3/proprio_observation[1, 0]: expected a finite number, got nan"));
}

TEST(VintixReaderTest, FileWithoutGroupsOfStepsIsRefused) {
  EXPECT_THAT(Problems(WriteGroups({})),
              ElementsAre(":/: expected groups of steps (0-9999 ...), got none"));
}

/// The same with what a demonstrator would have done in each step: n / 8 and its negative.
std::string WriteDemonstrated(const std::string& name) {
  const std::string path = WriteGroups({{"0-1", {0, 1}}, {"2-3", {2, 0}}});
  const Hdf5Id file(H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT));
  for (const char* group : {"0-1", "2-3"}) {
    const double n = std::stod(group);
    WriteArray(MakeGroup(file.get(), group).get(), name, {2, 2}, "float32",
               std::vector<double>{n / 8, -n / 8, (n + 1) / 8, -(n + 1) / 8});
  }
  return path;
}

// Vintix II: the dataset card says demonstrator_action, its programs read two other names.
TEST(VintixReaderTest, DemonstratorsActionsAreAnInfo) {
  for (const char* name : {"demonstrator_action", "demonstrator_actions", "expert_action"}) {
    const auto reader = OpenVintix(WriteDemonstrated(name));
    EXPECT_THAT(reader->Read(0).actions, ElementsAre(0, 0.25, 0.5));
    const EpisodeExtras extras = reader->ReadExtras(0);
    ASSERT_EQ(extras.infos.size(), 1);
    const InfoArray& info = extras.infos.at("demonstrator_action");
    EXPECT_THAT(info.row_shape, ElementsAre(2));
    EXPECT_EQ(info.type, "float32");
    EXPECT_THAT(info.values, ElementsAre(0, 0, 0.125, -0.125, 0.25, -0.25));
  }
  EXPECT_TRUE(OpenVintix(WriteGroups({{"0-1", {0, 1}}}))->ReadExtras(0).infos.empty());
}

TEST(VintixReaderTest, DemonstratorsActionsTakeTheirPlaceIfAskedFor) {
  const std::string path = WriteDemonstrated("demonstrator_action");
  {
    const auto reader = OpenDataset(path + "?actions=demonstrator");
    EXPECT_EQ(reader->info().action_size, 2);
    EXPECT_THAT(reader->Read(1).actions, ElementsAre(0.375, -0.375));
    EXPECT_THAT(reader->ReadExtras(1).infos.at("action").values, ElementsAre(0.75));
  }
  const auto expect_refused = [](const std::string& asked, const std::string& message) {
    EXPECT_THAT([&] { OpenDataset(asked); },
                testing::ThrowsMessage<std::runtime_error>(testing::HasSubstr(message)));
  };
  expect_refused(path + "?actions=discrete",
                 "expected ?actions=demonstrator for a file of Vintix, got another");
  expect_refused(WriteGroups({{"0-1", {0, 1}}}) + "?actions=demonstrator",
                 "0-1/demonstrator_action: expected an array, for ?actions=demonstrator, got none");
  expect_refused(LONGPLAY_SOURCE_DIR "/tests/datasets/fixtures/d4rl.hdf5?actions=demonstrator",
                 "expected ?actions=continuous|discrete for a file of D4RL, got another");
}

TEST(VintixReaderTest, EpisodesThatAreNotThereAreOutOfRange) {
  const auto reader = OpenVintix(WriteGroups({{"0-1", {0, 1}}}));
  EXPECT_THROW(reader->Read(1), std::out_of_range);
  EXPECT_THROW(reader->Read(-1), std::out_of_range);
}

}  // namespace
}  // namespace longplay
