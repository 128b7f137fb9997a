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
constexpr double kReach = 0.24;   // [m] of the straight arm
constexpr double kFinger = 0.01;  // [m] radius
constexpr double kRounding = 1e-14;

class DmReacherTest : public MujocoTest {
 protected:
  static void MoveTarget(SingleSimulation& reacher, double x, double y) {
    double* position = reacher.model()->geom_pos + 3 * reacher.Id(mjOBJ_GEOM, "target");
    position[0] = x;
    position[1] = y;
  }
};

TEST_F(DmReacherTest, PaysWhileFingerAndTargetOverlap) {
  for (const auto& [name, radius] : {std::pair{"easy", 0.05}, std::pair{"hard", 0.015}}) {
    SingleSimulation reacher(DmReacherTasks(), std::string("dm_control/reacher-") + name + "-v0");
    MoveTarget(reacher, kReach + kFinger + radius - 1e-4, 0);
    reacher.Set({0, 0});
    EXPECT_EQ(reacher.Reward(), 1) << name;
    MoveTarget(reacher, kReach + kFinger + radius + 1e-4, 0);
    reacher.Set({0, 0});
    EXPECT_EQ(reacher.Reward(), 0) << name;
  }
}

TEST_F(DmReacherTest, ObservesJointsTheWayToTheTargetAndVelocities) {
  SingleSimulation reacher(DmReacherTasks(), "dm_control/reacher-easy-v0");
  MoveTarget(reacher, 0.1, 0.05);
  reacher.Set({kPi / 2, 0}, {3, 4});  // the finger is at (0, 0.24)
  EXPECT_THAT(reacher.Observe(), ElementsAre(kPi / 2, 0, DoubleNear(0.1, kRounding),
                                             DoubleNear(0.05 - kReach, kRounding), 3, 4));
}

TEST_F(DmReacherTest, TargetsLieInARingAroundTheShoulder) {
  SingleSimulation reacher(DmReacherTasks(), "dm_control/reacher-hard-v0");
  const int target = reacher.Id(mjOBJ_GEOM, "target");
  const auto environment = MakeListedEnvironment("dm_control/reacher-hard-v0", {});
  double nearest = 1, farthest = 0;
  for (uint64_t seed = 0; seed < 100; ++seed) {
    environment->Reset(0, seed);
    const auto positions = environment->physics_states()->model_field(0, "geom_pos");
    const double radius = std::hypot(positions[3 * target], positions[3 * target + 1]);
    nearest = std::min(nearest, radius);
    farthest = std::max(farthest, radius);
  }
  EXPECT_GE(nearest, 0.05);
  EXPECT_LT(nearest, 0.07);
  EXPECT_LE(farthest, 0.20);
  EXPECT_GT(farthest, 0.18);
}

TEST_F(DmReacherTest, TheShoulderStartsAnywhereAndTheWristWithinItsLimits) {
  SingleSimulation reacher(DmReacherTasks(), "dm_control/reacher-easy-v0");
  ExpectStartsFill(reacher, -kPi, kPi, [](const mjData& d) { return d.qpos[0]; });
  const double limit = 160 * kPi / 180;
  ExpectStartsFill(reacher, -limit, limit, [](const mjData& d) { return d.qpos[1]; });
}

}  // namespace
}  // namespace longplay
