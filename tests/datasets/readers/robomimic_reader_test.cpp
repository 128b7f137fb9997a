// SPDX-License-Identifier: MIT
#include "datasets/readers/robomimic_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "tests/datasets/hdf5_columns.h"
#include "tests/temporary_folder.h"

namespace longplay {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// Two steps; the hand's two numbers, the object's one, and a picture.
Columns TwoSteps() {
  return {{"actions", {{2, 1}, {0.5, -0.5}}},
          {"rewards", {{2}, {0, 1}}},
          {"dones", {{2}, {0, 1}, "int64"}},
          {"obs/object", {{2, 1}, {7, 8}}},
          {"obs/hand", {{2, 2}, {1, 2, 3, 4}}},
          {"obs/camera", {{2, 2, 2}, std::vector<double>(8, 0), "uint8"}}};
}

std::string WriteDemos(const std::map<std::string, Columns>& demos,
                       const std::string& arguments = "") {
  const std::string path = TemporaryPath("robomimic.hdf5");
  const Hdf5Id file = CreateHdf5File(path), data = MakeGroup(file.get(), "data");
  if (!arguments.empty()) WriteAttribute(data.get(), "env_args", arguments);
  for (const auto& [demo, columns] : demos) {
    for (const auto& [name, column] : columns) WriteColumn(data.get(), demo + "/" + name, column);
  }
  return path;
}

std::vector<std::string> Problems(const std::string& path,
                                  const std::vector<std::string>& keys = {}) {
  ProblemLog log(ProblemLog::Mode::kCollect);
  log.Attempt([&] { SurveyAll(*OpenRobomimic(path, keys), log, [] {}); });
  std::vector<std::string> problems;
  for (const Problem& problem : log.problems()) {
    problems.push_back(problem.where.substr(path.size()) + ": " + problem.problem);
  }
  return problems;
}

constexpr const char* kNoNext = ":data/demo_0: no next_obs: no observation after the last action";

TEST(RobomimicReaderTest, KeysAreSideBySideInAlphabeticalOrderWithoutImages) {
  const auto reader = OpenRobomimic(WriteDemos({{"demo_0", TwoSteps()}}), {});
  EXPECT_EQ(reader->info().observation_size, 3);
  const Episode episode = reader->Read(0);
  EXPECT_THAT(episode.observations, ElementsAre(1, 2, 7, 3, 4, 8));
  EXPECT_THAT(episode.actions, ElementsAre(0.5, -0.5));
  EXPECT_THAT(episode.rewards, ElementsAre(0, 1));
}

TEST(RobomimicReaderTest, ChosenKeysKeepTheirOrder) {
  const std::string path = WriteDemos({{"demo_0", TwoSteps()}});
  EXPECT_THAT(OpenRobomimic(path, {"object", "hand"})->Read(0).observations,
              ElementsAre(7, 1, 2, 8, 3, 4));
  EXPECT_THAT(OpenRobomimic(path, {"object"})->Read(0).observations, ElementsAre(7, 8));
}

TEST(RobomimicReaderTest, ImagesAreNamedAsLeftOut) {
  EXPECT_THAT(Problems(WriteDemos({{"demo_0", TwoSteps()}})),
              ElementsAre(":obs/camera: images are left out", kNoNext));
}

TEST(RobomimicReaderTest, DemosAreReadInNumericOrderAndMayLackNumbers) {
  Columns second = TwoSteps(), tenth = TwoSteps();
  second["rewards"].values = {0, 2};
  tenth["rewards"].values = {0, 10};
  const auto reader = OpenRobomimic(
      WriteDemos({{"demo_10", tenth}, {"demo_2", second}, {"mask", {{"a", {{1}, {0}}}}}}), {});
  ASSERT_EQ(reader->info().episodes, 2);
  EXPECT_EQ(reader->Read(0).rewards.back(), 2);
  EXPECT_EQ(reader->Read(1).rewards.back(), 10);
}

TEST(RobomimicReaderTest, LastNextObservationIsTheFinalOne) {
  Columns columns = TwoSteps();
  columns["next_obs/object"] = {{2, 1}, {8, 9}};
  columns["next_obs/hand"] = {{2, 2}, {3, 4, 5, 6}};
  const auto reader = OpenRobomimic(WriteDemos({{"demo_0", columns}}), {});
  EXPECT_TRUE(reader->Read(0).has_final_observation());
  EXPECT_THAT(reader->Read(0).observations, ElementsAre(1, 2, 7, 3, 4, 8, 5, 6, 9));
}

TEST(RobomimicReaderTest, LastDoneAloneSaysHowItEnded) {
  Columns columns = TwoSteps();
  columns["dones"].values = {0, 1};
  EXPECT_TRUE(OpenRobomimic(WriteDemos({{"demo_0", columns}}), {})->Read(0).terminated);
  columns["dones"].values = {1, 0};
  EXPECT_TRUE(OpenRobomimic(WriteDemos({{"demo_0", columns}}), {})->Read(0).truncated);
}

TEST(RobomimicReaderTest, TaskIsNamedInTheArguments) {
  const auto environment = [](const std::string& arguments) {
    return OpenRobomimic(WriteDemos({{"demo_0", TwoSteps()}}, arguments), {})->info().environment;
  };
  EXPECT_EQ(environment(R"({"env_name": "Lift", "type": 1})"), "Lift");
  EXPECT_EQ(environment(R"({"env_name": 1})"), "");
  EXPECT_EQ(environment("Lift"), "");
  EXPECT_EQ(environment(""), "");
}

TEST(RobomimicReaderTest, RowsThatDoNotFitAreNamed) {
  const auto problems = [](const std::string& name, const Column& column) {
    Columns columns = TwoSteps();
    columns.erase("obs/camera");
    columns[name] = column;
    return Problems(WriteDemos({{"demo_0", columns}}));
  };
  EXPECT_THAT(problems("rewards", {{3}, {0, 0, 0}}),
              ElementsAre(":data/demo_0/rewards: expected 2 rows, got 3", kNoNext));
  EXPECT_THAT(
      problems("dones", {{2}, {0, 2}}),
      ElementsAre(kNoNext, ":data/demo_0/dones[1]: expected a whole number from 0 to 1, got 2"));
  EXPECT_THAT(problems("actions", {{3, 1}, {0, 0, 0}}),
              testing::Contains(":data/demo_0/obs: expected 3 rows (one per action), got 2"));
}

TEST(RobomimicReaderTest, RewardsMayBeMissing) {
  Columns columns = TwoSteps();
  columns.erase("rewards");
  const auto reader = OpenRobomimic(WriteDemos({{"demo_0", columns}}), {});
  EXPECT_FALSE(reader->info().has_rewards);
  EXPECT_THAT(reader->Read(0).rewards, IsEmpty());
}

TEST(RobomimicReaderTest, FilesWithoutDemosOrNumbersAreRefused) {
  EXPECT_THAT(Problems(WriteDemos({{"other", TwoSteps()}})),
              ElementsAre(":data: expected groups demo_0, demo_1 ..., got none"));
  Columns images = TwoSteps();
  images.erase("obs/hand");
  images.erase("obs/object");
  EXPECT_THAT(Problems(WriteDemos({{"demo_0", images}})),
              ElementsAre(":data/demo_0/obs: expected observations that are numbers, got images "
                          "alone"));
}

TEST(RobomimicReaderTest, EpisodesThatAreNotThereAreOutOfRange) {
  const auto reader = OpenRobomimic(WriteDemos({{"demo_3", TwoSteps()}}), {});
  EXPECT_EQ(reader->Read(0).length(), 2);
  EXPECT_THROW(reader->Read(3), std::out_of_range);
}

}  // namespace
}  // namespace longplay
