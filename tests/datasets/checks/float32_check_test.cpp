// SPDX-License-Identifier: MIT
#include "datasets/checks/float32_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "datasets/data_error.h"

namespace longplay {
namespace {

/// Two steps of two observations and two actions.
Episode TwoSteps() {
  return {.observation_size = 2,
          .action_columns = 2,
          .observations = {1, 2, 3, 4, 5, 6},
          .actions = {0, 0, 0, 0},
          .rewards = {1, 2}};
}

std::string Refusal(const Episode& episode) {
  try {
    CheckFloat32("file", 7, episode);
  } catch (const DataError& error) {
    return error.where();
  }
  return "fits";
}

TEST(Float32CheckTest, WhatFloat32HoldsPasses) {
  EXPECT_EQ(Refusal(TwoSteps()), "fits");
  Episode large = TwoSteps();
  large.rewards = {3.4e38, -3.4e38};
  EXPECT_EQ(Refusal(large), "fits");
}

TEST(Float32CheckTest, NumberThatIsTooLargeIsNamedByEpisodeStepAndColumn) {
  Episode episode = TwoSteps();
  episode.observations[3] = 1e39;
  EXPECT_EQ(Refusal(episode), "file: episode 7, step 1, observation 1");
  episode = TwoSteps();
  episode.actions[2] = -1e300;
  EXPECT_EQ(Refusal(episode), "file: episode 7, step 1, action 0");
  episode = TwoSteps();
  episode.rewards[1] = 1e39;
  EXPECT_EQ(Refusal(episode), "file: episode 7, step 1, reward");
  episode.action_columns = 1;
  episode.actions = {0, 1e39};
  EXPECT_EQ(Refusal(episode), "file: episode 7, step 1, action");
}

}  // namespace
}  // namespace longplay
