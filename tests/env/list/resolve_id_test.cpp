// SPDX-License-Identifier: MIT
#include "env/list/resolve_id.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "env/list/list_environments.h"

namespace longplay {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<std::string> Ids() {
  std::vector<std::string> ids;
  for (const EnvironmentSpec& spec : ListEnvironments()) ids.push_back(spec.id);
  return ids;
}

TEST(ResolveIdTest, CaseSeparatorsAndPrefixesDoNotMatter) {
  for (const char* given :
       {"walker-walk", "dmc:walker_walk", "dm_control/walker_walk", "Walker-Walk",
        "dm_control/walker-walk", "suite/walker-walk-v0", "walker walk"}) {
    EXPECT_EQ(ResolveId(given, Ids()).id, "dm_control/walker-walk-v0") << given;
    EXPECT_EQ(ResolveId(given, Ids()).note, "") << given;
  }
  for (const char* given : {"HalfCheetah", "half_cheetah", "HALFCHEETAH-V5", "gym:HalfCheetah-v5",
                            "mujoco/halfcheetah"}) {
    EXPECT_EQ(ResolveId(given, Ids()).id, "HalfCheetah-v5") << given;
    EXPECT_EQ(ResolveId(given, Ids()).note, "") << given;
  }
  EXPECT_EQ(ResolveId("ball_in_cup-catch", Ids()).id, "dm_control/ball_in_cup-catch-v0");
  EXPECT_EQ(ResolveId("jaco_reach_top_left", Ids()).id, "dm_control/jaco-reach_top_left-v0");
  EXPECT_EQ(ResolveId("point-goal", Ids()).id, "family/point-goal-v0");
}

TEST(ResolveIdTest, AnOlderVersionIsPlayedAsThePresentOneWithWhatChanged) {
  const ResolvedId hopper = ResolveId("Hopper-v4", Ids());
  EXPECT_EQ(hopper.id, "Hopper-v5");
  EXPECT_EQ(hopper.note,
            "Hopper-v4 is played as Hopper-v5; changed since v4: the healthy reward is paid only "
            "while healthy");
  EXPECT_THAT(ResolveId("Ant-v2", Ids()).note, HasSubstr("v2 also ran on an older MuJoCo"));
}

TEST(ResolveIdTest, EveryTaskOfGymnasiumSaysWhatChanged) {
  for (const std::string& id : Ids()) {
    if (!id.ends_with("-v5")) continue;
    const std::string older = id.substr(0, id.size() - 1) + "4";
    EXPECT_EQ(ResolveId(older, Ids()).id, id);
    EXPECT_THAT(ResolveId(older, Ids()).note, HasSubstr("changed since v4: "));
  }
}

TEST(ResolveIdTest, WhatIsNoneOrSeveralIsNotGuessed) {
  for (const char* given : {"", "/", "Hopper-v6", "walker", "cheetah-jump", "atari/walker-walk"}) {
    EXPECT_EQ(ResolveId(given, Ids()).id, "") << given;
  }
}

TEST(ResolveIdTest, TheClosestOnesAreOfTheSameRobot) {
  EXPECT_THAT(ClosestIds("walker-fly", Ids()),
              ElementsAre("dm_control/walker-flip-v0", "dm_control/walker-run-v0",
                          "dm_control/walker-walk-v0"));
  EXPECT_THAT(ClosestIds("Waker2d-v5", Ids())[0], "Walker2d-v5");
}

}  // namespace
}  // namespace longplay
