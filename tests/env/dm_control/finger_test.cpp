// SPDX-License-Identifier: MIT
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "env/dm_control/dm_control_tasks.h"
#include "env/list/make_listed_environment.h"
#include "tests/env/mujoco_test.h"
#include "tests/env/single_simulation.h"

namespace longplay {
namespace {

using testing::DoubleNear;
using testing::ElementsAre;

constexpr double kPi = std::numbers::pi;
constexpr double kRounding = 1e-14;
// The spinner turns around (0.2, 0.4) in the x-z plane; its tip is 0.13 m off.
constexpr double kSpinnerX = 0.2, kSpinnerZ = 0.4, kTip = 0.13;

class FingerTest : public MujocoTest {
 protected:
  // The finger hangs, the spinner is turned by `angle` and spins with `velocity`.
  static void Hang(SingleSimulation& finger, double angle, double velocity) {
    finger.Set({-kPi / 2, 0, angle}, {0, 0, velocity});
  }
  static void MoveTarget(SingleSimulation& finger, double x, double z) {
    double* position = finger.model()->site_pos + 3 * finger.Id(mjOBJ_SITE, "target");
    position[0] = x;
    position[2] = z;
  }
};

TEST_F(FingerTest, SpinningPaysFromFifteenRadiansASecondOn) {
  SingleSimulation finger(FingerTasks(), "dm_control/finger-spin-v0");
  Hang(finger, 0, -15.01);
  EXPECT_EQ(finger.Reward(), 1);
  Hang(finger, 0, -14.99);
  EXPECT_EQ(finger.Reward(), 0);
  Hang(finger, 0, 20);  // the other way round
  EXPECT_EQ(finger.Reward(), 0);
}

TEST_F(FingerTest, TurningPaysWhileTheTipIsInTheTarget) {
  for (const auto& [name, radius] : {std::pair{"turn_easy", 0.07}, std::pair{"turn_hard", 0.03}}) {
    SingleSimulation finger(FingerTasks(), std::string("dm_control/finger-") + name + "-v0");
    MoveTarget(finger, kSpinnerX, kSpinnerZ + kTip + radius - 1e-3);
    Hang(finger, 0, 0);
    EXPECT_EQ(finger.Reward(), 1) << name;
    MoveTarget(finger, kSpinnerX, kSpinnerZ + kTip + radius + 1e-3);
    Hang(finger, 0, 0);
    EXPECT_EQ(finger.Reward(), 0) << name;
  }
}

TEST_F(FingerTest, ObservesTipAndTargetFromTheSpinner) {
  SingleSimulation finger(FingerTasks(), "dm_control/finger-turn_hard-v0");
  MoveTarget(finger, kSpinnerX, kSpinnerZ - kTip);
  finger.Set({-kPi / 2, 0.2, kPi / 2}, {1, 2, 3});  // a quarter turn: the tip is at -x
  EXPECT_THAT(finger.Observe(),
              ElementsAre(-kPi / 2, 0.2,                                           // joints
                          DoubleNear(-kTip, kRounding), DoubleNear(0, kRounding),  // tip
                          1, 2, 3,                                                 // velocities
                          0, 0,                                                    // touch
                          DoubleNear(0, kRounding), DoubleNear(-kTip, kRounding),  // target
                          DoubleNear(std::sqrt(2) * kTip - 0.03, kRounding)));     // to its edge
}

TEST_F(FingerTest, TargetsLieOnTheCircleOfTheTip) {
  SingleSimulation finger(FingerTasks(), "dm_control/finger-turn_easy-v0");
  const int target = finger.Id(mjOBJ_SITE, "target");
  const std::unique_ptr<Environment> environment =
      MakeListedEnvironment("dm_control/finger-turn_easy-v0", {});
  int quarters[4] = {};
  for (uint64_t seed = 0; seed < 40; ++seed) {
    environment->Reset(0, seed);
    const double* at =
        environment->physics_states()->model_field(0, "site_pos").data() + 3 * target;
    const double x = at[0] - kSpinnerX, z = at[2] - kSpinnerZ;
    EXPECT_NEAR(std::hypot(x, z), kTip, kRounding);
    ++quarters[(x > 0 ? 1 : 0) + (z > 0 ? 2 : 0)];
  }
  for (const int count : quarters) EXPECT_GT(count, 0);
}

TEST_F(FingerTest, AnEpisodeStartsWithoutContacts) {
  SingleSimulation finger(FingerTasks(), "dm_control/finger-spin-v0");
  for (uint64_t seed = 0; seed < 50; ++seed) {
    finger.Start(seed);
    EXPECT_EQ(finger.data()->ncon, 0) << seed;
  }
}

}  // namespace
}  // namespace longplay
