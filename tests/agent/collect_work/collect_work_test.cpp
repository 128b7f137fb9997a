// SPDX-License-Identifier: MIT
#include "agent/collect_work/collect_work.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/temporary_folder.h"

namespace longplay {
namespace {

CollectOptions Options() {
  return {.environment = "Hopper-v5", .steps = 10, .out = TemporaryPath("data/")};
}

std::string Message(const CollectOptions& options, const std::string& algorithm = "sac") {
  try {
    const CollectWork work(options, algorithm);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "";
}

TEST(CollectWorkTest, ItIsBesideTheDataSetAndGoesWhole) {
  const CollectWork work(Options(), "sac");
  EXPECT_EQ(work.folder(), TemporaryPath("data.unfinished"));
  std::ofstream(work.path("learner_0.journal")) << "episodes";
  work.Remove();
  EXPECT_FALSE(std::filesystem::exists(work.folder()));
}

TEST(CollectWorkTest, EveryOptionOfTheDataIsCompared) {
  const CollectWork work(Options(), "sac");
  std::ofstream(work.path("learner_0.journal")) << "episodes";
  CollectOptions resumed = Options();
  resumed.start = RunStart::kResume;
  EXPECT_EQ(Message(resumed), "");
  EXPECT_THAT(Message(resumed, "random"),
              testing::HasSubstr("got algorithm \"random\" instead of \"sac\" ("));
  resumed.action_repeat = 2;
  resumed.max_episode_steps = 3;
  resumed.learners = 4;
  resumed.episodes_per_history = 5;
  resumed.learning_steps = 6;
  resumed.environment = "Walker2d-v5";
  EXPECT_THAT(Message(resumed),
              testing::HasSubstr("action-repeat 2 instead of 1, env \"Walker2d-v5\" instead of "
                                 "\"Hopper-v5\", episodes-per-history 5 instead of 8, learners 4 "
                                 "instead of 1, learning-steps 6 instead of 200000, "
                                 "max-episode-steps 3 instead of 0"));
  EXPECT_TRUE(std::filesystem::exists(work.path("learner_0.journal")));
  // What a learner is made of, too.
  CollectOptions other = Options();
  other.start = RunStart::kResume;
  other.first_task = 2;
  other.sac.batch = 3;
  other.q_learning.discount = 0.5;
  EXPECT_THAT(Message(other),
              testing::HasSubstr("first-task 2 instead of -1, q_learning.discount 0.5 instead of "
                                 "0.95, sac.batch 3 instead of 128"));
}

TEST(CollectWorkTest, AnotherTaskInTheSameFileIsAnotherOption) {
  CollectOptions options = Options();
  options.environment = TemporaryPath("task.yaml");
  const std::string task =
      "model: robot.xml\nobservation: [{quantity: qpos}]\nreward: [{quantity: one}]\n";
  std::ofstream(options.environment) << task;
  std::ofstream(TemporaryPath("robot.xml")) << "<mujoco/>";
  const CollectWork work(options, "sac");
  options.start = RunStart::kResume;
  EXPECT_EQ(Message(options), "");
  // Its model went on as another one unnoticed.
  std::ofstream(TemporaryPath("robot.xml")) << "<mujoco><option timestep='0.1'/></mujoco>";
  EXPECT_THAT(Message(options), testing::HasSubstr("got checksum of robot.xml "));
  std::ofstream(TemporaryPath("robot.xml")) << "<mujoco/>";
  EXPECT_EQ(Message(options), "");
  std::ofstream(options.environment) << task << "max_episode_steps: 7\n";
  EXPECT_THAT(Message(options), testing::HasSubstr("got checksum of the task file "));
}

TEST(CollectWorkTest, EpisodesAreDroppedOnlyOnRequest) {
  CollectOptions options = Options();
  const CollectWork work(options, "sac");
  EXPECT_EQ(Message(options), "");  // nothing is recorded yet
  std::ofstream(work.path("learner_0.journal")) << "episodes";
  EXPECT_THAT(Message(options), testing::HasSubstr("(--resume goes on with it, --overwrite starts "
                                                   "anew)"));
  options.existing = ExistingData::kReplace;
  EXPECT_EQ(Message(options), "");
  EXPECT_FALSE(std::filesystem::exists(work.path("learner_0.journal")));
}

}  // namespace
}  // namespace longplay
