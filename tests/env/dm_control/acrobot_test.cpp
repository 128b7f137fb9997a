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

class AcrobotTest : public MujocoTest {
 protected:
  SingleSimulation smooth_{AcrobotTasks(), "dm_control/acrobot-swingup-v0"};
  SingleSimulation sparse_{AcrobotTasks(), "dm_control/acrobot-swingup_sparse-v0"};

  // Upright but for the elbow, bent until the tip is `distance` from the target: a chord of the
  // circle that the lower arm (1 m) draws.
  static double ElbowAt(double distance) { return 2 * std::asin(distance / 2); }
};

TEST_F(AcrobotTest, UprightPaysOne) {
  for (SingleSimulation* acrobot : {&smooth_, &sparse_}) {
    acrobot->Set({0, 0});
    EXPECT_EQ(acrobot->Reward(), 1);
  }
}

TEST_F(AcrobotTest, TheTargetHasARadiusOfTwentyCentimetres) {
  sparse_.Set({0, ElbowAt(0.199)});
  EXPECT_EQ(sparse_.Reward(), 1);
  sparse_.Set({0, ElbowAt(0.201)});
  EXPECT_EQ(sparse_.Reward(), 0);
}

TEST_F(AcrobotTest, AMetreFromTheTargetsEdgePaysATenth) {
  smooth_.Set({0, ElbowAt(1.2)});
  EXPECT_NEAR(smooth_.Reward(), 0.1, kRounding);
  sparse_.Set({0, ElbowAt(1.2)});
  EXPECT_EQ(sparse_.Reward(), 0);
}

TEST_F(AcrobotTest, ObservesSinesThenCosinesThenVelocities) {
  smooth_.Set({0.3, 0.5}, {7, 8});
  EXPECT_THAT(smooth_.Observe(), ElementsAre(DoubleNear(std::sin(0.3), kRounding),
                                             DoubleNear(std::sin(0.8), kRounding),
                                             DoubleNear(std::cos(0.3), kRounding),
                                             DoubleNear(std::cos(0.8), kRounding), 7, 8));
}

TEST_F(AcrobotTest, BothJointsStartAnywhere) {
  for (int joint : {0, 1}) {
    ExpectStartsFill(smooth_, -kPi, kPi, [=](const mjData& d) { return d.qpos[joint]; });
  }
}

class PendulumTest : public MujocoTest {
 protected:
  SingleSimulation pendulum_{PendulumTasks(), "dm_control/pendulum-swingup-v0"};
};

TEST_F(PendulumTest, PaysWithinEightDegreesOfUpright) {
  for (const double side : {-1, 1}) {
    pendulum_.Set({side * 7.99 * kPi / 180});
    EXPECT_EQ(pendulum_.Reward(), 1);
    pendulum_.Set({side * 8.01 * kPi / 180});
    EXPECT_EQ(pendulum_.Reward(), 0);
  }
}

TEST_F(PendulumTest, ObservesCosineSineAndVelocity) {
  pendulum_.Set({-0.4}, {3});
  EXPECT_THAT(pendulum_.Observe(), ElementsAre(DoubleNear(std::cos(0.4), kRounding),
                                               DoubleNear(-std::sin(0.4), kRounding), 3));
}

}  // namespace
}  // namespace longplay
