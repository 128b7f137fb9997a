// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <numbers>

#include "env/dm_control/dm_control_tasks.h"
#include "tests/env/mujoco_test.h"
#include "tests/env/single_simulation.h"

namespace longplay {
namespace {

constexpr double kPi = std::numbers::pi;
constexpr double kRounding = 1e-13;

// Positions: height above 1.3 m, place, pitch, six joints; velocities in the same order.
class WalkerTest : public MujocoTest {
 protected:
  static double RewardAt(const std::string& name, const std::vector<double>& positions,
                         const std::vector<double>& velocities = {}) {
    SingleSimulation walker(WalkerTasks(), "dm_control/walker-" + name + "-v0");
    walker.Set(positions, velocities);
    return walker.Reward();
  }
};

// Three quarters for a torso above 1.2 m, one for being upright.
TEST_F(WalkerTest, StandingPaysForHeightAndForBeingUpright) {
  EXPECT_EQ(RewardAt("stand", {0}), 1);
  EXPECT_EQ(RewardAt("stand", {-0.099}), 1);
  EXPECT_NEAR(RewardAt("stand", {-0.7}), (3 * 0.1 + 1) / 4, kRounding);  // half of 1.2 m
  EXPECT_NEAR(RewardAt("stand", {0, 0, kPi / 2}), (3 + 0.5) / 4, kRounding);
  EXPECT_NEAR(RewardAt("stand", {0, 0, kPi}), 3.0 / 4, kRounding);
}

TEST_F(WalkerTest, WalkingPaysFromHalfTheSpeedOn) {
  EXPECT_NEAR(RewardAt("walk", {0}), 1.0 / 6, kRounding);
  EXPECT_NEAR(RewardAt("walk", {0}, {0, 0.5}), (5 * 0.5 + 1) / 6, kRounding);
  EXPECT_NEAR(RewardAt("walk", {0}, {0, 1.01}), 1, kRounding);
  EXPECT_NEAR(RewardAt("run", {0}, {0, 4}), (5 * 0.5 + 1) / 6, kRounding);
  EXPECT_NEAR(RewardAt("run", {0}, {0, 8.01}), 1, kRounding);
}

TEST_F(WalkerTest, MovingPaysNoMoreThanStandingWould) {
  EXPECT_NEAR(RewardAt("walk", {0, 0, kPi}, {0, 2}), 3.0 / 4, kRounding);
}

TEST_F(WalkerTest, FlippingPaysInProportionToTheSpin) {
  const auto share = [](double spin) {  // of what is paid for spinning
    return (6 * RewardAt("flip", {0}, {0, 0, spin}) - 1) / 5;
  };
  EXPECT_GT(share(0.1), 0);
  ASSERT_LT(share(0.2), 1);
  EXPECT_NEAR(share(0.2), 2 * share(0.1), kRounding);
  EXPECT_NEAR(share(-0.2), 0, kRounding);
  EXPECT_NEAR(share(50), 1, kRounding);
}

// Of seven bodies the x axis, in the plane; height; velocities.
TEST_F(WalkerTest, ObservesOrientationsHeightAndVelocities) {
  SingleSimulation walker(WalkerTasks(), "dm_control/walker-walk-v0");
  walker.Set({0.1, 99, kPi / 2}, {1, 2, 3});
  std::vector<double> seen = walker.Observe();
  ASSERT_EQ(seen.size(), 2u * 7 + 1 + 9);
  for (int body = 0; body < 7; ++body) {
    EXPECT_NEAR(seen[2 * body], 0, kRounding);
    EXPECT_NEAR(seen[2 * body + 1], 1, kRounding);
  }
  EXPECT_NEAR(seen[14], 1.4, kRounding);
  for (int k = 0; k < 3; ++k) EXPECT_EQ(seen[15 + k], k + 1);
}

TEST_F(WalkerTest, KneesStartWithinTheirLimits) {
  SingleSimulation walker(WalkerTasks(), "dm_control/walker-walk-v0");
  ExpectStartsFill(walker, -150 * kPi / 180, 0, [](const mjData& d) { return d.qpos[4]; });
  ExpectStartsFill(walker, -kPi, kPi, [](const mjData& d) { return d.qpos[2]; });  // any pitch
}

}  // namespace
}  // namespace longplay
