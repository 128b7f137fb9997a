// SPDX-License-Identifier: MIT
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "env/dm_control/dm_control_tasks.h"
#include "tests/env/mujoco_test.h"
#include "tests/env/single_simulation.h"

namespace longplay {
namespace {

using testing::DoubleNear;
using testing::ElementsAre;

constexpr double kPi = std::numbers::pi;
constexpr double kRounding = 1e-14;

SingleSimulation Make(const std::string& name) {
  return {CartpoleTasks(), "dm_control/cartpole-" + name + "-v0"};
}

class CartpoleTest : public MujocoTest {
 protected:
  SingleSimulation balance_ = Make("balance");
};

TEST_F(CartpoleTest, UprightAndCentredPaysOne) {
  for (const char* name : {"balance", "balance_sparse", "two_poles", "three_poles"}) {
    SingleSimulation cartpole = Make(name);
    cartpole.Set({0});
    EXPECT_NEAR(cartpole.Reward(), 1, kRounding) << name;
  }
}

TEST_F(CartpoleTest, UprightnessFallsWithTheCosine) {
  balance_.Set({0, kPi / 2});
  EXPECT_NEAR(balance_.Reward(), 0.5, kRounding);
  balance_.Set({0, kPi});
  EXPECT_NEAR(balance_.Reward(), 0, kRounding);
}

// Each of these factors is a tenth or nothing at its margin, mixed with a constant.
TEST_F(CartpoleTest, CartSpeedAndControlCostAtMostTheirShare) {
  balance_.Set({2});
  EXPECT_NEAR(balance_.Reward(), (1 + 0.1) / 2, kRounding);
  balance_.Set({0}, {0, 5});
  EXPECT_NEAR(balance_.Reward(), (1 + 0.1) / 2, kRounding);
  balance_.Set({0}, {0, 0}, {1});
  EXPECT_NEAR(balance_.Reward(), 4.0 / 5, kRounding);
  balance_.Set({0}, {100, 0});  // how fast the cart is does not matter
  EXPECT_NEAR(balance_.Reward(), 1, kRounding);
}

TEST_F(CartpoleTest, OfTwoPolesTheMeanCountsAndTheFastest) {
  SingleSimulation poles = Make("two_poles");
  poles.Set({0, 0, kPi});
  EXPECT_NEAR(poles.Reward(), 0.5, kRounding);
  poles.Set({0, 0, 0}, {0, 0, -5});
  EXPECT_NEAR(poles.Reward(), (1 + 0.1) / 2, kRounding);
}

TEST_F(CartpoleTest, SparseRewardHasSharpBounds) {
  SingleSimulation sparse = Make("balance_sparse");
  const double angle = std::acos(0.995);
  for (const double side : {-1, 1}) {
    sparse.Set({side * 0.249, side * (angle - 1e-3)});
    EXPECT_EQ(sparse.Reward(), 1);
    sparse.Set({side * 0.251, 0});
    EXPECT_EQ(sparse.Reward(), 0);
    sparse.Set({0, side * (angle + 1e-3)});
    EXPECT_EQ(sparse.Reward(), 0);
  }
}

TEST_F(CartpoleTest, ObservesTheCartThenEachPolesCosineAndSine) {
  SingleSimulation poles = Make("two_poles");
  poles.Set({0.7, 0.2, 0.3}, {4, 5, 6});
  EXPECT_THAT(poles.Observe(), ElementsAre(0.7, DoubleNear(std::cos(0.2), kRounding),
                                           DoubleNear(std::sin(0.2), kRounding),
                                           DoubleNear(std::cos(0.5), kRounding),
                                           DoubleNear(std::sin(0.5), kRounding), 4, 5, 6));
}

TEST_F(CartpoleTest, PolesOfOneMetreStandOnOneAnother) {
  SingleSimulation poles = Make("three_poles");
  poles.Set({0.5});
  const int top = poles.Id(mjOBJ_BODY, "pole_3");
  ASSERT_GE(top, 0);
  EXPECT_NEAR(poles.data()->xpos[3 * top], 0.5, kRounding);
  EXPECT_NEAR(poles.data()->xpos[3 * top + 2], 1 + 1 + 1, kRounding);  // the rail is at 1 m
}

TEST_F(CartpoleTest, BalancingStartsNearlyUprightAndSwingingUpStartsHanging) {
  ExpectStartsFill(balance_, -0.1, 0.1, [](const mjData& d) { return d.qpos[0]; });
  ExpectStartsFill(balance_, -0.034, 0.034, [](const mjData& d) { return d.qpos[1]; });
  SingleSimulation poles = Make("three_poles");
  for (uint64_t seed = 0; seed < 50; ++seed) {
    poles.Start(seed);
    EXPECT_NEAR(poles.data()->qpos[1], kPi, 5 * 0.01) << seed;  // five deviations
    EXPECT_NEAR(poles.data()->qpos[2], 0, 5 * 0.1) << seed;     // in line with the first
    EXPECT_NEAR(poles.data()->qpos[3], 0, 5 * 0.1) << seed;
  }
}

}  // namespace
}  // namespace longplay
