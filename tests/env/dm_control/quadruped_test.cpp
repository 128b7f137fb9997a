// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "env/dm_control/dm_control_tasks.h"
#include "tests/env/mujoco_test.h"
#include "tests/env/single_simulation.h"

namespace longplay {
namespace {

constexpr double kRounding = 1e-12;
const double kHalf = std::sqrt(0.5);

// Place (3) and orientation (4) of the torso, above all floors.
const std::vector<double> kStanding = {0, 0, 2, 1, 0, 0, 0};
const std::vector<double> kTurnedLeft = {0, 0, 2, kHalf, 0, 0, kHalf};
const std::vector<double> kOnItsSide = {0, 0, 2, kHalf, kHalf, 0, 0};
const std::vector<double> kOnItsBack = {0, 0, 2, 0, 1, 0, 0};

SingleSimulation Make(const std::string& name) {
  return {QuadrupedTasks(), "dm_control/quadruped-" + name + "-v0"};
}

class QuadrupedTest : public MujocoTest {
 protected:
  // Velocities are those of the world.
  static double RewardAt(const std::string& name, const std::vector<double>& pose,
                         const std::vector<double>& velocity = {}) {
    SingleSimulation quadruped = Make(name);
    quadruped.Set(pose, velocity);
    return quadruped.Reward();
  }
};

TEST_F(QuadrupedTest, StandingPaysByHowUprightItIs) {
  EXPECT_NEAR(RewardAt("stand", kStanding), 1, kRounding);
  EXPECT_NEAR(RewardAt("stand", kOnItsSide), 0.5, kRounding);
  EXPECT_NEAR(RewardAt("stand", kOnItsBack), 0, kRounding);
}

// Half for standing still, one at the speed that is asked for, nothing at as much backward.
TEST_F(QuadrupedTest, WalkingPaysForSpeedForward) {
  EXPECT_NEAR(RewardAt("walk", kStanding), 0.5, kRounding);
  EXPECT_NEAR(RewardAt("walk", kStanding, {0.25}), 0.75, kRounding);
  EXPECT_NEAR(RewardAt("walk", kStanding, {0.6}), 1, kRounding);
  EXPECT_NEAR(RewardAt("walk", kStanding, {-0.5}), 0, kRounding);
  EXPECT_NEAR(RewardAt("run", kStanding, {2.5}), 0.75, kRounding);
}

TEST_F(QuadrupedTest, ForwardIsWhereItLooks) {
  EXPECT_NEAR(RewardAt("walk", kTurnedLeft, {0, 0.25}), 0.75, kRounding);
  EXPECT_NEAR(RewardAt("walk", kTurnedLeft, {0.25, 0}), 0.5, kRounding);
}

TEST_F(QuadrupedTest, SpeedCountsTheLessTheLessItIsUpright) {
  EXPECT_NEAR(RewardAt("walk", kOnItsSide, {0.6}), 0.5, kRounding);
}

TEST_F(QuadrupedTest, RollingPaysForSpeedInAnyDirection) {
  EXPECT_NEAR(RewardAt("roll", kStanding, {0, -0.3, 0.4}), 1, kRounding);
  EXPECT_NEAR(RewardAt("roll_fast", kStanding, {0, -0.3, 0.4}), 0.5 + 0.05, kRounding);
}

TEST_F(QuadrupedTest, JumpingPaysForTheHeightOfTheCentreOfMass) {
  SingleSimulation quadruped = Make("jump");
  quadruped.Set(kStanding);
  const double below = kStanding[2] - quadruped.data()->subtree_com[3 + 2];  // the torso is body 1
  for (const auto& [height, reward] : {std::pair{0.5, 0.75}, {0.9, 0.95}, {1.1, 1}}) {
    quadruped.Set({0, 0, height + below});
    EXPECT_NEAR(quadruped.Reward(), reward, kRounding) << height;
  }
}

// 16 hinges, their velocities, 12 activations, velocity (3), uprightness, IMU (6), toes (24).
TEST_F(QuadrupedTest, ObservesItsOwnFrame) {
  SingleSimulation quadruped = Make("walk");
  quadruped.Set(kTurnedLeft, {0, 2, 0});
  quadruped.data()->act[0] = 0.7;
  const std::vector<double> seen = quadruped.Observe();
  ASSERT_EQ(seen.size(), 78u);
  EXPECT_EQ(seen[32], 0.7);
  EXPECT_NEAR(seen[44], 2, kRounding);  // forward
  EXPECT_NEAR(seen[45], 0, kRounding);
  EXPECT_NEAR(seen[47], 1, kRounding);
}

TEST_F(QuadrupedTest, TheSceneIsABareFloorAsLargeAsNeeded) {
  for (const auto& [name, half] : {std::pair{"walk", 10.0}, {"run", 100}, {"stand", 10}}) {
    SingleSimulation quadruped = Make(name);
    EXPECT_EQ(quadruped.model()->geom_size[3 * quadruped.Id(mjOBJ_GEOM, "floor")], half) << name;
    for (const char* gone : {"wall_px", "wall_ny", "terrain", "ball"}) {
      EXPECT_EQ(quadruped.Id(mjOBJ_GEOM, gone), -1) << gone;
    }
  }
}

TEST_F(QuadrupedTest, StartsJustAboveTheFloor) {
  SingleSimulation quadruped = Make("walk");
  for (uint64_t seed = 0; seed < 10; ++seed) {
    quadruped.Start(seed);
    EXPECT_EQ(quadruped.data()->ncon, 0) << seed;
    quadruped.data()->qpos[2] -= 0.01;
    mj_forward(quadruped.model(), quadruped.data());
    EXPECT_GT(quadruped.data()->ncon, 0) << seed;
  }
}

}  // namespace
}  // namespace longplay
