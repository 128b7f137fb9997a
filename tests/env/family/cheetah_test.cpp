// SPDX-License-Identifier: MIT
// Rewards at known speeds; who sees what is in cheetah_family_test.cpp.
#include <gtest/gtest.h>

#include <cmath>

#include "env/family/family_tasks.h"
#include "tests/env/mujoco_test.h"
#include "tests/env/single_simulation.h"

namespace longplay {
namespace {

// High above the ground and at rest in itself, the cheetah keeps its speed.
class CheetahWishTest : public MujocoTest {
 protected:
  static double RewardAt(const std::string& name, double wish, double speed,
                         const std::vector<double>& action = std::vector<double>(6, 0)) {
    SingleSimulation cheetah(CheetahFamilyTasks(), "family/cheetah-" + name + "-v0");
    cheetah.parameter = {wish};
    cheetah.Set({0, 5}, {speed});
    return cheetah.Step(action).reward;
  }
};

TEST_F(CheetahWishTest, AVelocityCostsWhatItMissesTheWishBy) {
  EXPECT_NEAR(RewardAt("velocity", 2, 2), 0, 1e-9);
  EXPECT_NEAR(RewardAt("velocity", 2, 1.5), -0.5, 1e-9);
  EXPECT_NEAR(RewardAt("velocity", 2, 2.5), -0.5, 1e-9);
  EXPECT_NEAR(RewardAt("velocity", 2, -1), -3, 1e-9);
}

TEST_F(CheetahWishTest, ADirectionPaysTheSpeedInIt) {
  EXPECT_NEAR(RewardAt("direction", 1, 2), 2, 1e-9);
  EXPECT_NEAR(RewardAt("direction", -1, 2), -2, 1e-9);
  EXPECT_NEAR(RewardAt("direction", -1, -3), 3, 1e-9);
}

// Rewards of opposite directions cancel but for the cost.
TEST_F(CheetahWishTest, ControlCostsATwentiethOfItsSquares) {
  const std::vector<double> action = {1, -0.5, 0, 0, 0.2, 0};
  EXPECT_NEAR(RewardAt("direction", 1, 2, action) + RewardAt("direction", -1, 2, action),
              -2 * 0.05 * (1 + 0.25 + 0.04), 1e-12);
}

TEST_F(CheetahWishTest, VelocitiesAreEvenlySpacedUpToThreeMetresASecond) {
  SingleSimulation cheetah(CheetahFamilyTasks(), "family/cheetah-velocity-v0");
  double slowest = 9, fastest = 0;
  for (uint64_t seed = 0; seed < 400; ++seed) {
    RandomGenerator random(seed, RandomGenerator::Stream::kChain);
    double velocity = 0;
    cheetah.task().DrawParameter(ParameterSet::kTraining, random, {&velocity, 1});
    const double number = (velocity - 0.075) / (3 - 0.075) * 49;
    EXPECT_NEAR(number, std::round(number), 1e-12);
    EXPECT_NE(std::lround(number) % 10, 4);
    slowest = std::min(slowest, velocity);
    fastest = std::max(fastest, velocity);
  }
  EXPECT_EQ(slowest, 0.075);
  EXPECT_EQ(fastest, 3);
}

TEST_F(CheetahWishTest, BothDirectionsAreInBothSets) {
  SingleSimulation cheetah(CheetahFamilyTasks(), "family/cheetah-direction-v0");
  for (const ParameterSet set : {ParameterSet::kTraining, ParameterSet::kHeldOut}) {
    int forward = 0;
    for (uint64_t seed = 0; seed < 200; ++seed) {
      RandomGenerator random(seed, RandomGenerator::Stream::kChain);
      double direction = 0;
      cheetah.task().DrawParameter(set, random, {&direction, 1});
      EXPECT_EQ(std::abs(direction), 1);
      forward += direction > 0 ? 1 : 0;
    }
    EXPECT_NEAR(forward, 100, 35);  // five deviations of 7
  }
}

}  // namespace
}  // namespace longplay
