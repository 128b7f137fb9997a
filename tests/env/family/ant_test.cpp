// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "env/family/family_tasks.h"
#include "tests/env/mujoco_test.h"
#include "tests/env/single_simulation.h"

namespace longplay {
namespace {

constexpr double kRounding = 1e-12;

// Alone in the air with its joints within their limits, it keeps its speed and falls.
class AntDirectionTest : public MujocoTest {
 protected:
  AntDirectionTest() { ant_.model()->opt.disableflags |= mjDSBL_CONTACT; }

  // One step from `height`, at 2 m/s along x and 1 m/s along y.
  TaskStep StepTowards(double x, double y, double height, const std::vector<double>& action) {
    ant_.parameter = {x, y};
    ant_.Set({0, 0, height, 1, 0, 0, 0, 0, 0.9, 0, -0.9, 0, -0.9, 0, 0.9}, {2, 1, 0});
    return ant_.Step(action);
  }

  const std::vector<double> rest_ = std::vector<double>(8, 0);
  SingleSimulation ant_{AntFamilyTasks(), "family/ant-direction-v0"};
};

TEST_F(AntDirectionTest, SpeedCountsAlongTheHiddenDirection) {
  EXPECT_NEAR(StepTowards(1, 0, 0.75, rest_).reward, 2 + 1, kRounding);
  EXPECT_NEAR(StepTowards(-1, 0, 0.75, rest_).reward, -2 + 1, kRounding);
  EXPECT_NEAR(StepTowards(0, -1, 0.75, rest_).reward, -1 + 1, kRounding);
  EXPECT_NEAR(StepTowards(0.6, 0.8, 0.75, rest_).reward, 2 + 1, kRounding);
}

// Opposite directions cancel: what is left is the reward for being upright and the cost of control.
TEST_F(AntDirectionTest, UprightPaysOneAndControlCostsHalfItsSquares) {
  const std::vector<double> action = {0.5, -0.5, 0.1, 0, 0, 0, 0, 1};
  const double squares = 0.25 + 0.25 + 0.01 + 1;
  const double both =
      StepTowards(1, 0, 0.75, action).reward + StepTowards(-1, 0, 0.75, action).reward;
  EXPECT_NEAR(both, 2 * (1 - 0.5 * squares), 1e-12);
}

// It falls by 1.2 cm in a step of 50 ms.
TEST_F(AntDirectionTest, EndsBelowTwentyCentimetresAndAboveAMetre) {
  EXPECT_FALSE(StepTowards(1, 0, 0.23, rest_).terminated);
  EXPECT_TRUE(StepTowards(1, 0, 0.20, rest_).terminated);
  EXPECT_FALSE(StepTowards(1, 0, 1.00, rest_).terminated);
  EXPECT_TRUE(StepTowards(1, 0, 1.03, rest_).terminated);
  const double both =
      StepTowards(1, 0, 1.03, rest_).reward + StepTowards(-1, 0, 1.03, rest_).reward;
  EXPECT_NEAR(both, 0, 1e-12);  // no reward for being upright
}

TEST_F(AntDirectionTest, DirectionsAreFiftiethsOfACircle) {
  for (const ParameterSet set : {ParameterSet::kTraining, ParameterSet::kHeldOut}) {
    for (uint64_t seed = 0; seed < 100; ++seed) {
      RandomGenerator random(seed, RandomGenerator::Stream::kChain);
      double direction[2];
      ant_.task().DrawParameter(set, random, direction);
      EXPECT_NEAR(std::hypot(direction[0], direction[1]), 1, 1e-14);
      const double turn = std::atan2(direction[1], direction[0]) / (2 * std::numbers::pi);
      const double number = 50 * (turn < -1e-9 ? turn + 1 : turn);
      EXPECT_NEAR(number, std::round(number), 1e-12);
      EXPECT_EQ(std::lround(number) % 10 == 4, set == ParameterSet::kHeldOut);
    }
  }
}

}  // namespace
}  // namespace longplay
