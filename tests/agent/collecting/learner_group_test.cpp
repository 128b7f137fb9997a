// SPDX-License-Identifier: MIT
#include "agent/collecting/learner_group.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "agent/learners/soft_actor_critic.h"
#include "agent/runs/run_claim.h"
#include "tests/temporary_folder.h"

namespace longplay {
namespace {

/// Two learners with work for minutes.
LearnerGroupOptions Group() {
  return {.environment = "Hopper-v5",
          .learners = 2,
          .steps = 200000,
          .kept_at = TemporaryPath("learner_")};
}

constexpr int kMostWaits = 300;  // of a tenth of a second: long for a learner that fails at once

/// What it throws, at the latest when `waits` is kMostWaits.
std::string Message(const LearnerGroupOptions& options, int& waits) {
  try {
    RunLearnerGroup(
        options, [](const PlayedEpisode&) {},
        [&] {
          if (++waits == kMostWaits) throw std::runtime_error("still waiting");
        });
  } catch (const std::exception& error) {
    return error.what();
  }
  return "";
}

// The first one was waited for, and who had failed meanwhile noticed when it was done.
TEST(LearnerGroupTest, OneThatFailsIsNoticedHoweverLongTheOthersHaveToGo) {
  const LearnerGroupOptions options = Group();
  std::ofstream(options.kept_at + "1.safetensors") << "damaged";
  int waits = 0;
  EXPECT_THAT(Message(options, waits), testing::HasSubstr("learner_1.safetensors"));
  EXPECT_LT(waits, kMostWaits);
  // The other one was saved.
  EXPECT_TRUE(std::filesystem::exists(options.kept_at + "0.safetensors"));
}

// What each does then: OnlineRunTest.WhatIsStoppedAtOnceSavesNothing.
TEST(LearnerGroupTest, ATakeOverEndsAllOfThem) {
  EXPECT_THROW(RunLearnerGroup(
                   Group(), [](const PlayedEpisode&) {}, [] { throw ClaimLost("taken over"); }),
               ClaimLost);
}

TEST(LearnerGroupTest, EachLearnerPlaysItsTaskOfAList) {
  EXPECT_TRUE(TaskArgument(-1, 3).empty());
  EXPECT_EQ(TaskArgument(45, 3).at("task"), "48");
}

}  // namespace
}  // namespace longplay
