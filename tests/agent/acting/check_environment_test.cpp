// SPDX-License-Identifier: MIT
#include "agent/acting/check_environment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <stdexcept>

#include "datasets/writers/minari_writer.h"
#include "tests/temporary_folder.h"

namespace longplay {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// One episode of data like InvertedPendulum-v5's, but for what the test changes.
EpisodeSet Data(MinariMetadata metadata, const std::string& name = "data") {
  metadata.observation_size = 4;
  metadata.action_size = 1;
  if (metadata.action_low.empty()) metadata.action_low = {-3}, metadata.action_high = {3};
  MinariWriter writer(TemporaryPath(name), metadata);
  writer.Write({.observation_size = 4,
                .action_columns = 1,
                .observations = std::vector<double>(12, 0.5),
                .actions = {1, -1},
                .rewards = {1, 1},
                .truncated = true});
  writer.Finish();
  return EpisodeSet::Load({TemporaryPath(name)});
}

TEST(CheckEnvironmentTest, WhatFitsIsNotMentioned) {
  EXPECT_THAT(CheckEnvironment({}, Data({.environment = "InvertedPendulum-v5"})), IsEmpty());
  EXPECT_THAT(CheckEnvironment({}, Data({}, "nameless")), IsEmpty());
}

TEST(CheckEnvironmentTest, AnEnvironmentThatWasAskedForMustBeThereAndFit) {
  const EpisodeSet set = Data({.environment = "InvertedPendulum-v5"});
  RunOptions options;
  options.evaluate.environment = "Hopper-v5";
  EXPECT_THAT([&] { CheckEnvironment(options, set); },
              testing::ThrowsMessage<std::invalid_argument>(
                  HasSubstr("Hopper-v5: expected 4 observations and 1 actions")));
  options.evaluate.environment = "Jumper-v1";
  EXPECT_THROW(CheckEnvironment(options, set), std::invalid_argument);
}

TEST(CheckEnvironmentTest, OneThatOnlyTheDataNameMayBeUnknownOrAnotherVariant) {
  EXPECT_THAT(CheckEnvironment({}, Data({.environment = "door-human-v7"})),
              ElementsAre(AllOf(HasSubstr("the policy cannot be played in what the data name"),
                                HasSubstr("door-human-v7"))));
  EXPECT_THAT(CheckEnvironment({}, Data({.environment = "Hopper-v5"}, "other")),
              ElementsAre(HasSubstr("expected 4 observations")));
}

// Training was refused: that the model is no MJCF, or not there, is the world's fault.
TEST(CheckEnvironmentTest, OneThatOnlyTheDataNameMayLackItsModel) {
  const std::string task = TemporaryPath("task.yaml");
  std::ofstream(task) << "model: robot.xml\nobservation: [{quantity: qpos}]\n"
                         "reward: [{quantity: one}]\n";
  std::ofstream(TemporaryPath("robot.xml")) << "<mujoco";
  const EpisodeSet set = Data({.environment = task});
  EXPECT_THAT(CheckEnvironment({}, set),
              ElementsAre(AllOf(HasSubstr("the policy cannot be played in what the data name"),
                                HasSubstr("expected valid MJCF"))));
  RunOptions options;
  options.evaluate.environment = task;
  EXPECT_THROW(CheckEnvironment(options, set), std::runtime_error);
}

TEST(CheckEnvironmentTest, OtherBoundsAndAnotherActionRepeatAreSaid) {
  const EpisodeSet set = Data({.environment = "InvertedPendulum-v5",
                               .action_low = {-1},
                               .action_high = {1},
                               .action_repeat = 4});
  RunOptions options;
  options.evaluate.action_repeat = 2;
  EXPECT_THAT(CheckEnvironment(options, set),
              ElementsAre(HasSubstr("actions lie in [-1, 1], those of InvertedPendulum-v5 in "
                                    "[-3, 3]"),
                          HasSubstr("action repeat of 4, evaluate.action_repeat is 2")));
}

TEST(CheckEnvironmentTest, FilesThatDisagreeAreSaidWithWhatIsUsed) {
  Data({.environment = "InvertedPendulum-v5"}, "a");
  Data({.environment = "Pendulum-v1", .action_repeat = 2}, "b");
  const EpisodeSet both = EpisodeSet::Load({TemporaryPath("a"), TemporaryPath("b")});
  EXPECT_THAT(both.notes(),
              ElementsAre(AllOf(HasSubstr("b/data/main_data.hdf5: environment Pendulum-v1, in "),
                                HasSubstr(" InvertedPendulum-v5: that of ")),
                          HasSubstr("action repeat 2")));
}

}  // namespace
}  // namespace longplay
