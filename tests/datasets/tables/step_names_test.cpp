// SPDX-License-Identifier: MIT
#include "datasets/tables/step_names.h"

#include <gtest/gtest.h>

namespace longplay {
namespace {

TEST(StepNamesTest, ExactNamesAreThoseThatOthersUse) {
  EXPECT_GE(ExactRank("Observations", StepRole::kObservations), 0);
  EXPECT_GE(ExactRank("TimeLimit.truncated", StepRole::kTimeouts), 0);
  EXPECT_GE(ExactRank("robot", StepRole::kGroup), 0);
  EXPECT_EQ(ExactRank("episode_return", StepRole::kEpisodes), -1);
  EXPECT_LT(ExactRank("terminated", StepRole::kTerminals), ExactRank("done", StepRole::kTerminals))
      << "done may mean either end";
}

TEST(StepNamesTest, SeveralColumnsBeginWithTheWordOfTheirRole) {
  for (const char* name : {"obs", "obs_0", "obs0", "obs.x", "observation[3]", "Observations_1"}) {
    EXPECT_TRUE(IsNameOfSeveral(name, StepRole::kObservations)) << name;
  }
  for (const char* name : {"obstacle", "observer", "next_obs_0", "obs_next_0", "obs_mask"}) {
    EXPECT_FALSE(IsNameOfSeveral(name, StepRole::kObservations)) << name;
  }
  EXPECT_TRUE(IsNameOfSeveral("obs_next_0", StepRole::kNextObservations));
  EXPECT_TRUE(IsNameOfSeveral("act_1", StepRole::kActions));
  EXPECT_FALSE(IsNameOfSeveral("action_log_prob", StepRole::kActions));
  EXPECT_FALSE(IsNameOfSeveral("activity", StepRole::kActions));
}

TEST(StepNamesTest, SuffixesOfObservationsAndOfNextOnesAgree) {
  EXPECT_EQ(NameSuffix("obs_7", StepRole::kObservations), "_7");
  EXPECT_EQ(NameSuffix("next_obs_7", StepRole::kNextObservations), "_7");
  EXPECT_EQ(NameSuffix("observations.x", StepRole::kObservations), ".x");
  EXPECT_EQ(NameSuffix("x", StepRole::kObservations), "x");
}

}  // namespace
}  // namespace longplay
