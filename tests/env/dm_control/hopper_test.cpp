// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "env/dm_control/dm_control_tasks.h"
#include "tests/env/mujoco_test.h"
#include "tests/env/single_simulation.h"

namespace longplay {
namespace {

constexpr double kRounding = 1e-14;

// With straight joints the torso is about 0.96 m above the foot, which hangs 6 cm above the floor.
class DmHopperTest : public MujocoTest {
 protected:
  SingleSimulation stand_{DmHopperTasks(), "dm_control/hopper-stand-v0"};
  SingleSimulation hop_{DmHopperTasks(), "dm_control/hopper-hop-v0"};
};

TEST_F(DmHopperTest, StandingPaysOneAndLyingNothing) {
  stand_.Set({0, 0, 0});
  EXPECT_EQ(stand_.Reward(), 1);
  stand_.Set({0, 0, std::numbers::pi / 2});
  EXPECT_EQ(stand_.Reward(), 0);
}

// Tilting the whole body turns the line from foot to torso, of known length and direction.
TEST_F(DmHopperTest, StandingBeginsSixtyCentimetresAboveTheFoot) {
  stand_.Set({0, 0, 0});
  const double* foot = stand_.data()->xipos + 3 * stand_.Id(mjOBJ_BODY, "foot");
  const double* torso = stand_.data()->xipos + 3 * stand_.Id(mjOBJ_BODY, "torso");
  const double x = torso[0] - foot[0], z = torso[2] - foot[2];
  const double upright = std::atan2(x, z), length = std::hypot(x, z);
  const double at_60_cm = std::acos(0.6 / length) - upright;
  stand_.Set({0, 0, at_60_cm - 1e-3});
  EXPECT_EQ(stand_.Reward(), 1);
  stand_.Set({0, 0, at_60_cm + 1e-3});
  EXPECT_EQ(stand_.Reward(), 0);
}

TEST_F(DmHopperTest, FullControlCostsAFifthOfStandingAndNothingOfHopping) {
  stand_.Set({0, 0, 0}, {}, {1, -1, 1, -1});
  EXPECT_NEAR(stand_.Reward(), 4.0 / 5, kRounding);
  hop_.Set({0, 0, 0}, {2.01}, {1, -1, 1, -1});
  EXPECT_EQ(hop_.Reward(), 1);
}

TEST_F(DmHopperTest, HoppingPaysFromStandstillToTwoMetresASecond) {
  for (const auto& [speed, reward] :
       {std::pair{-1.0, 0.0}, {0, 0}, {1, 0.5}, {1.5, 0.75}, {3, 1}}) {
    hop_.Set({0, 0, 0}, {speed});
    EXPECT_NEAR(hop_.Reward(), reward, kRounding) << speed;
  }
  hop_.Set({0, 0, std::numbers::pi / 2}, {3});  // sliding is not hopping
  EXPECT_EQ(hop_.Reward(), 0);
}

TEST_F(DmHopperTest, ObservesAllButThePlaceThenTheFootsTouch) {
  hop_.Set({99, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6}, {1, 2, 3, 4, 5, 6, 7});
  const std::vector<double> seen = hop_.Observe();
  ASSERT_EQ(seen.size(), 6u + 7 + 2);
  for (int k = 0; k < 6; ++k) EXPECT_NEAR(seen[k], 0.1 * (k + 1), kRounding);
  for (int k = 0; k < 7; ++k) EXPECT_EQ(seen[6 + k], k + 1);
  hop_.Set({0, 0, 0});  // in the air
  EXPECT_EQ(hop_.Observe()[13], 0);
  EXPECT_EQ(hop_.Observe()[14], 0);
  hop_.Set({0, -0.065, 0});  // half a centimetre in the floor
  const double* touch = hop_.data()->sensordata + 3;
  EXPECT_GT(touch[0], 0);
  EXPECT_NEAR(hop_.Observe()[13], std::log(1 + touch[0]), 1e-12);
  EXPECT_NEAR(hop_.Observe()[14], std::log(1 + touch[1]), 1e-12);
}

}  // namespace
}  // namespace longplay
