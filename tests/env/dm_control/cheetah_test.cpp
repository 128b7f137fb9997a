// SPDX-License-Identifier: MIT
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "env/dm_control/dm_control_tasks.h"
#include "tests/env/mujoco_test.h"
#include "tests/env/single_simulation.h"

namespace longplay {
namespace {

using testing::ElementsAre;

constexpr double kRounding = 1e-14;

class DmCheetahTest : public MujocoTest {
 protected:
  // All of the body at one speed forward and at one angular speed.
  static double RewardAt(const std::string& name, double speed, double turning) {
    SingleSimulation cheetah(CheetahTasks(), "dm_control/cheetah-" + name + "-v0");
    cheetah.Set({}, {speed, 0, turning});
    return cheetah.Reward();
  }
};

TEST_F(DmCheetahTest, RunningPaysATenthForEachMetreASecond) {
  EXPECT_EQ(RewardAt("run", -1, 0), 0);
  EXPECT_NEAR(RewardAt("run", 5, 0), 0.5, kRounding);
  EXPECT_NEAR(RewardAt("run", 9.9, 0), 0.99, kRounding);
  EXPECT_EQ(RewardAt("run", 10.1, 0), 1);
}

TEST_F(DmCheetahTest, BackwardIsTheOtherDirection) {
  EXPECT_NEAR(RewardAt("run_backward", -5, 0), 0.5, kRounding);
  EXPECT_EQ(RewardAt("run_backward", 5, 0), 0);
}

TEST_F(DmCheetahTest, FlippingPaysInProportionToTheSpin) {
  const double once = RewardAt("flip", 0, 0.5), twice = RewardAt("flip", 0, 1);
  EXPECT_GT(once, 0);
  ASSERT_LT(twice, 1);
  EXPECT_NEAR(twice, 2 * once, kRounding);
  EXPECT_EQ(RewardAt("flip", 0, -1), 0);
  EXPECT_NEAR(RewardAt("flip_backward", 0, -1), twice, kRounding);
  EXPECT_EQ(RewardAt("flip_backward", 0, 1), 0);
  EXPECT_EQ(RewardAt("flip", 0, 100), 1);
}

TEST_F(DmCheetahTest, ObservesAllButThePlace) {
  SingleSimulation cheetah(CheetahTasks(), "dm_control/cheetah-run-v0");
  cheetah.Set({99, 1, 2, 3, 4, 5, 6, 7, 8}, {11, 12, 13, 14, 15, 16, 17, 18, 19});
  EXPECT_THAT(cheetah.Observe(),
              ElementsAre(1, 2, 3, 4, 5, 6, 7, 8, 11, 12, 13, 14, 15, 16, 17, 18, 19));
}

// Dropped from 0.7 m with its joints drawn, it lies or stands when the clock starts.
TEST_F(DmCheetahTest, AnEpisodeStartsOnTheGroundAtTimeZero) {
  SingleSimulation cheetah(CheetahTasks(), "dm_control/cheetah-run-v0");
  for (uint64_t seed = 0; seed < 20; ++seed) {
    cheetah.Start(seed);
    EXPECT_EQ(cheetah.data()->time, 0);
    EXPECT_GT(cheetah.data()->ncon, 0) << seed;
  }
}

}  // namespace
}  // namespace longplay
