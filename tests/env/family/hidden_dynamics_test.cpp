// SPDX-License-Identifier: MIT
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "env/family/family_tasks.h"
#include "env/gymnasium/gymnasium_tasks.h"
#include "tests/env/mujoco_test.h"
#include "tests/env/single_simulation.h"

namespace longplay {
namespace {

using testing::Each;
using testing::ElementsAre;

// The hopper has four bodies (torso, thigh, leg, foot), three damped joints and a geom for each
// body: the parameter's numbers in this order.
constexpr int kHopperParameters = 4 + 3 + 4;

class HiddenDynamicsTest : public MujocoTest {
 protected:
  // Fields of a hopper with all ones, after the parameter was written.
  struct Fields {
    std::vector<double> mass, inertia, damping, friction;
  };
  Fields Write(const std::vector<double>& parameter) const {
    Fields f = {std::vector<double>(5, 1), std::vector<double>(15, 1), std::vector<double>(6, 1),
                std::vector<double>(15, 1)};
    const std::vector<std::span<double>> spans = {f.mass, f.inertia, f.damping, f.friction};
    RandomGenerator random(1, RandomGenerator::Stream::kEpisode);
    hopper_.task().WriteModel(parameter, random, spans);
    return f;
  }

  SingleSimulation hopper_{HiddenDynamicsTasks(), "family/hopper-parameters-v0"};
};

TEST_F(HiddenDynamicsTest, ZeroLeavesTheModelAsItIs) {
  const Fields f = Write(std::vector<double>(kHopperParameters, 0));
  for (const auto& field : {f.mass, f.inertia, f.damping, f.friction}) EXPECT_THAT(field, Each(1));
}

// 1.5^3 = 3.375 and 1.3^3 = 2.197; what belongs to the world and to the root's joints stays.
TEST_F(HiddenDynamicsTest, OneIsTheLargestFactorOfAll) {
  const Fields f = Write(std::vector<double>(kHopperParameters, 1));
  const auto about = [](double x) { return testing::DoubleNear(x, 1e-14); };
  EXPECT_THAT(f.mass, ElementsAre(1, about(3.375), about(3.375), about(3.375), about(3.375)));
  EXPECT_THAT(f.damping, ElementsAre(1, 1, 1, about(2.197), about(2.197), about(2.197)));
  EXPECT_EQ(f.friction[2], 1);
  for (int k = 3; k < 15; ++k) {
    EXPECT_NEAR(f.friction[k], 3.375, 1e-14);
    EXPECT_NEAR(f.inertia[k], 3.375, 1e-14);
  }
}

TEST_F(HiddenDynamicsTest, EachNumberScalesOneElement) {
  std::vector<double> parameter(kHopperParameters, 0);
  parameter[3] = -1;  // mass of the foot
  parameter[4] = 1;   // damping of the thigh's joint
  parameter[10] = 1;  // friction of the foot
  const Fields f = Write(parameter);
  EXPECT_THAT(f.mass, ElementsAre(1, 1, 1, 1, testing::DoubleNear(1 / 3.375, 1e-14)));
  EXPECT_THAT(f.damping, ElementsAre(1, 1, 1, testing::DoubleNear(2.197, 1e-14), 1, 1));
  EXPECT_EQ(f.friction[11], 1);
  EXPECT_NEAR(f.friction[12], 3.375, 1e-14);
}

TEST_F(HiddenDynamicsTest, ParametersAreDrawnFromOneBelowToOneAbove) {
  double lowest = 0, highest = 0;
  for (uint64_t seed = 0; seed < 100; ++seed) {
    RandomGenerator random(seed, RandomGenerator::Stream::kChain);
    std::vector<double> parameter(kHopperParameters);
    hopper_.task().DrawParameter(ParameterSet::kTraining, random, parameter);
    for (const double u : parameter) {
      lowest = std::min(lowest, u);
      highest = std::max(highest, u);
    }
  }
  EXPECT_GE(lowest, -1);
  EXPECT_LT(lowest, -0.95);
  EXPECT_LT(highest, 1);
  EXPECT_GT(highest, 0.95);
}

TEST_F(HiddenDynamicsTest, RewardsAndEndsAreGymnasiums) {
  SingleSimulation original(GymnasiumTasks(), "Hopper-v5");
  for (const double angle : {0.1, 0.3}) {  // beyond 0.2 it has fallen
    hopper_.Set({0, 1.3, angle}, {1});
    original.Set({0, 1.3, angle}, {1});
    const TaskStep ours = hopper_.Step({0.5, -0.5, 1}), theirs = original.Step({0.5, -0.5, 1});
    EXPECT_EQ(ours.reward, theirs.reward);
    EXPECT_EQ(ours.terminated, angle > 0.2);
    EXPECT_EQ(theirs.terminated, angle > 0.2);
    EXPECT_EQ(hopper_.Observe(), original.Observe());
  }
}

TEST_F(HiddenDynamicsTest, TheOracleSeesTheParameterLast) {
  SingleSimulation oracle(HiddenDynamicsTasks(), "family/walker-parameters-oracle-v0");
  for (int k = 0; k < 7 + 6 + 7; ++k) oracle.parameter.push_back(0.01 * k);
  oracle.Set({});
  const std::vector<double> seen = oracle.Observe();
  ASSERT_EQ(seen.size(), 17u + 20);
  EXPECT_EQ(std::vector(seen.end() - 20, seen.end()), oracle.parameter);
}

}  // namespace
}  // namespace longplay
