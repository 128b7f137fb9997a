// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "env/dm_control/dm_control_tasks.h"
#include "env/dm_control/inverse_kinematics.h"
#include "env/list/make_listed_environment.h"
#include "tests/env/mujoco_test.h"
#include "tests/env/single_simulation.h"

namespace longplay {
namespace {

constexpr double kDegree = std::numbers::pi / 180;
const std::string kTopLeft = "dm_control/jaco-reach_top_left-v0";  // at (-0.09, 0.09, 0.001)

class JacoTest : public MujocoTest {
 protected:
  // Reward when the fingers are `above` metres over the target.
  double RewardAbove(double above) {
    arm_.Start(1);
    const SitePose pose = {{-0.09, 0.09, 0.001 + above}, {0, std::sqrt(0.5), std::sqrt(0.5), 0}};
    const int tool = arm_.Id(mjOBJ_SITE, "hand/pinchsite");
    EXPECT_TRUE(MoveSite(arm_.model(), arm_.data(), tool, pose, 6));
    mj_forward(arm_.model(), arm_.data());
    return arm_.Reward();
  }

  SingleSimulation arm_{JacoTasks(), kTopLeft};
};

TEST_F(JacoTest, PaysOneWithinFiveCentimetresAndATenthAtTen) {
  EXPECT_EQ(RewardAbove(0.049), 1);
  EXPECT_LT(RewardAbove(0.051), 1);
  EXPECT_NEAR(RewardAbove(0.1), 0.1, 1e-8);  // rounded to float32
}

TEST_F(JacoTest, TargetsAreTheCornersOfASquare) {
  for (const auto& [name, x, y] : {std::tuple{"top_left", -0.09, 0.09},
                                   {"top_right", 0.09, 0.09},
                                   {"bottom_left", -0.09, -0.09},
                                   {"bottom_right", 0.09, -0.09}}) {
    SingleSimulation arm(JacoTasks(), std::string("dm_control/jaco-reach_") + name + "-v0");
    const double* target = arm.model()->site_pos + 3 * arm.Id(mjOBJ_SITE, "target");
    EXPECT_EQ(target[0], x) << name;
    EXPECT_EQ(target[1], y) << name;
    EXPECT_EQ(target[2], 0.001) << name;
  }
}

// Six joints as sines and cosines (12), torques (6), velocities (6), fingers and their velocities
// (6), the tool's place (3) and orientation (9).
TEST_F(JacoTest, StartsWithTheHandDownInABoxAboveTheTarget) {
  const double down[9] = {0, 1, 0, 1, 0, 0, 0, 0, -1};  // half a turn about x = y
  for (uint64_t seed = 0; seed < 10; ++seed) {
    arm_.Start(seed);
    const std::vector<double> seen = arm_.Observe();
    ASSERT_EQ(seen.size(), 42u);
    for (int k = 0; k < 6; ++k) {
      EXPECT_NEAR(seen[2 * k], std::sin(arm_.data()->qpos[k]), 1e-14);
      EXPECT_NEAR(seen[2 * k + 1], std::cos(arm_.data()->qpos[k]), 1e-14);
    }
    EXPECT_EQ(seen[24], arm_.data()->qpos[6]);
    EXPECT_EQ(seen[24], seen[25]);  // the fingers are equally far closed
    for (const int axis : {0, 1}) EXPECT_LE(std::abs(seen[30 + axis]), 0.2 + 1e-9);
    EXPECT_GE(seen[32], 0.02 - 1e-9);
    EXPECT_LE(seen[32], 0.4 + 1e-9);
    for (int k = 0; k < 9; ++k) EXPECT_NEAR(seen[33 + k], down[k], 1e-9) << seed;
  }
}

TEST_F(JacoTest, ActionsAreVelocitiesOrShareOfThem) {
  const auto plain = MakeListedEnvironment(kTopLeft, {});
  const auto scaled = MakeListedEnvironment(kTopLeft + "?scaled_actions=true", {});
  const double limits[3] = {36 * kDegree, 48 * kDegree, 5};  // large and small joints, fingers
  std::vector<double> velocities, shares;
  for (int k = 0; k < 9; ++k) {
    EXPECT_NEAR(plain->spec().action_high[k], limits[k / 3], 1e-14);
    EXPECT_EQ(plain->spec().action_low[k], -plain->spec().action_high[k]);
    EXPECT_EQ(scaled->spec().action_high[k], 1);
    EXPECT_EQ(scaled->spec().action_low[k], -1);
    shares.push_back(k % 2 == 0 ? 0.5 : -1);
    velocities.push_back(shares.back() * limits[k / 3]);
  }
  plain->Reset(0, 1);
  scaled->Reset(0, 1);
  plain->Step(velocities, std::vector<uint8_t>{1});
  scaled->Step(shares, std::vector<uint8_t>{1});
  for (size_t k = 0; k < 42; ++k) {
    EXPECT_NEAR(scaled->observation(0)[k], plain->observation(0)[k], 1e-9) << k;
  }
}

}  // namespace
}  // namespace longplay
