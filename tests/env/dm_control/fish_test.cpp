// SPDX-License-Identifier: MIT
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "env/dm_control/dm_control_tasks.h"
#include "env/list/make_listed_environment.h"
#include "tests/env/mujoco_test.h"
#include "tests/env/single_simulation.h"

namespace longplay {
namespace {

constexpr double kRounding = 1e-14;
// The mouth is 7.45 cm before the torso, which is 10 cm up; with the target's, its radius is 4.5 cm.
constexpr double kMouthY = 0.0745, kHeight = 0.1, kRadii = 0.045;
const double kHalf = std::sqrt(0.5);

// Positions: place (3), orientation (4), seven joints. Turned about the axis from tail to mouth.
const std::vector<double> kUpright = {0, 0, kHeight, 1, 0, 0, 0};
const std::vector<double> kOnItsSide = {0, 0, kHeight, kHalf, 0, kHalf, 0};
const std::vector<double> kUpsideDown = {0, 0, kHeight, 0, 0, 1, 0};

class FishTest : public MujocoTest {
 protected:
  // Reward of swimming, with the target `distance` beyond the mouth.
  double SwimReward(const std::vector<double>& pose, double distance) {
    double* target = swim_.model()->geom_pos + 3 * swim_.Id(mjOBJ_GEOM, "target");
    target[0] = 0;
    target[1] = kMouthY + distance;
    target[2] = kHeight;
    swim_.Set(pose);
    return swim_.Reward();
  }

  SingleSimulation upright_{FishTasks(), "dm_control/fish-upright-v0"};
  SingleSimulation swim_{FishTasks(), "dm_control/fish-swim-v0"};
};

TEST_F(FishTest, UprightPaysOneAndOnItsSideATenth) {
  upright_.Set(kUpright);
  EXPECT_EQ(upright_.Reward(), 1);
  upright_.Set(kOnItsSide);
  EXPECT_NEAR(upright_.Reward(), 0.1, kRounding);
  upright_.Set(kUpsideDown);
  EXPECT_NEAR(upright_.Reward(), 1e-4, kRounding);  // twice the margin: 0.1^4
}

// Seven eighths for the target, one for being upright.
TEST_F(FishTest, SwimmingPaysForTheTargetAndForBeingUpright) {
  EXPECT_NEAR(SwimReward(kUpright, 0), 1, kRounding);
  EXPECT_NEAR(SwimReward(kUpright, kRadii - 1e-6), 1, kRounding);
  EXPECT_NEAR(SwimReward(kUpsideDown, 0), 7.0 / 8, kRounding);
  EXPECT_NEAR(SwimReward(kUpright, kRadii + 2 * kRadii), (7 * 0.1 + 1) / 8, kRounding);
  EXPECT_NEAR(SwimReward(kUpright, 1), 1.0 / 8, 1e-9);
}

TEST_F(FishTest, ObservesJointsUprightnessTargetAndVelocities) {
  SwimReward(kUpright, 0.3);
  std::vector<double> positions = kUpright, velocities;
  for (int k = 0; k < 7; ++k) positions.push_back(0.01 * k);
  for (int k = 0; k < 13; ++k) velocities.push_back(k);
  swim_.Set(positions, velocities);
  const std::vector<double> seen = swim_.Observe();
  ASSERT_EQ(seen.size(), 24u);
  for (int k = 0; k < 7; ++k) EXPECT_EQ(seen[k], 0.01 * k);
  EXPECT_NEAR(seen[7], 1, kRounding);
  // In the frame of the mouth, whose axis (its third) runs along the fish.
  EXPECT_NEAR(seen[8], 0, kRounding);
  EXPECT_NEAR(seen[9], 0, kRounding);
  EXPECT_NEAR(std::abs(seen[10]), 0.3, kRounding);
  for (int k = 0; k < 13; ++k) EXPECT_EQ(seen[11 + k], k);
}

TEST_F(FishTest, OnlySwimmingHasATarget) {
  EXPECT_TRUE(upright_.task().model_fields().empty());
  upright_.Set(kUpright);
  EXPECT_EQ(upright_.Observe().size(), 21u);
  const int target = swim_.Id(mjOBJ_GEOM, "target");
  const std::unique_ptr<Environment> environment =
      MakeListedEnvironment("dm_control/fish-swim-v0", {});
  double highest[3] = {}, lowest[3] = {1, 1, 1};
  for (uint64_t seed = 0; seed < 100; ++seed) {
    environment->Reset(0, seed);
    const auto positions = environment->physics_states()->model_field(0, "geom_pos");
    for (int axis = 0; axis < 3; ++axis) {
      highest[axis] = std::max(highest[axis], positions[3 * target + axis]);
      lowest[axis] = std::min(lowest[axis], positions[3 * target + axis]);
    }
  }
  for (const int axis : {0, 1}) {
    EXPECT_NEAR(lowest[axis], -0.36, 0.04);
    EXPECT_NEAR(highest[axis], 0.36, 0.04);
  }
  EXPECT_NEAR(lowest[2], 0.11, 0.01);
  EXPECT_NEAR(highest[2], 0.29, 0.01);
}

TEST_F(FishTest, JointsStartNearlyStraight) {
  for (const int joint : {0, 6}) {
    ExpectStartsFill(swim_, -0.2, 0.2, [=](const mjData& d) { return d.qpos[7 + joint]; });
  }
}

}  // namespace
}  // namespace longplay
