// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "env/dm_control/dm_control_tasks.h"
#include "env/list/make_listed_environment.h"
#include "tests/env/mujoco_test.h"
#include "tests/env/single_simulation.h"

namespace longplay {
namespace {

constexpr double kPi = std::numbers::pi;
constexpr double kRounding = 1e-14;

class DmSwimmerTest : public MujocoTest {
 protected:
  // Puts the target at the nose plus (x, y), in the world's axes; the swimmer lies as it is.
  void MoveTarget(double x, double y) {
    const double* nose = six_.data()->geom_xpos + 3 * six_.Id(mjOBJ_GEOM, "nose");
    double* target = six_.model()->geom_pos + 3 * six_.Id(mjOBJ_GEOM, "target");
    target[0] = nose[0] + x;
    target[1] = nose[1] + y;
    mj_forward(six_.model(), six_.data());
  }

  SingleSimulation six_{DmSwimmerTasks(), "dm_control/swimmer-swimmer6-v0"};
};

// The target has a radius of 0.1; five times that beyond its edge a tenth is left.
TEST_F(DmSwimmerTest, PaysOneInTheTargetAndATenthFiveRadiiOff) {
  six_.Set({});
  MoveTarget(0.06, -0.079);
  EXPECT_EQ(six_.Reward(), 1);
  MoveTarget(0, 0.6);
  EXPECT_NEAR(six_.Reward(), 0.1, kRounding);
  MoveTarget(1.1, 0);  // long tail: 1 / (1 + 9 * 2^2)
  EXPECT_NEAR(six_.Reward(), 1.0 / 37, kRounding);
}

// Five joints, the way to the target, and of each of six bodies: velocity (2) and rotation.
TEST_F(DmSwimmerTest, ObservesTheTargetInTheHeadsFrame) {
  six_.Set({0, 0, kPi / 2, 0.1, 0.2});
  MoveTarget(0, 1);
  const std::vector<double> seen = six_.Observe();
  ASSERT_EQ(seen.size(), 5u + 2 + 3 * 6);
  EXPECT_EQ(seen[0], 0.1);
  EXPECT_EQ(seen[1], 0.2);
  EXPECT_NEAR(seen[5], 1, kRounding);  // the world's y is the turned head's x
  EXPECT_NEAR(seen[6], 0, kRounding);
}

TEST_F(DmSwimmerTest, ObservesVelocitiesOfEveryBody) {
  six_.Set({}, {2, 3, 0});
  std::vector<double> seen = six_.Observe();
  for (int body = 0; body < 6; ++body) {
    EXPECT_NEAR(seen[7 + 3 * body], 2, kRounding) << body;
    EXPECT_NEAR(seen[8 + 3 * body], 3, kRounding) << body;
    EXPECT_NEAR(seen[9 + 3 * body], 0, kRounding) << body;
  }
  six_.Set({}, {0, 0, 0, 5});  // the first joint turns all behind it
  seen = six_.Observe();
  EXPECT_NEAR(seen[9], 0, kRounding);
  for (int body = 1; body < 6; ++body) EXPECT_NEAR(seen[9 + 3 * body], 5, kRounding) << body;
}

TEST_F(DmSwimmerTest, JointsShareAFullTurn) {
  for (const auto& [name, bodies] : {std::pair{"swimmer6", 6}, std::pair{"swimmer15", 15}}) {
    SingleSimulation swimmer(DmSwimmerTasks(), std::string("dm_control/swimmer-") + name + "-v0");
    EXPECT_EQ(swimmer.model()->nu, bodies - 1);
    for (int joint = 3; joint < swimmer.model()->njnt; ++joint) {
      EXPECT_NEAR(swimmer.model()->jnt_range[2 * joint], -2 * kPi / bodies, kRounding) << name;
      EXPECT_NEAR(swimmer.model()->jnt_range[2 * joint + 1], 2 * kPi / bodies, kRounding) << name;
    }
  }
}

// One in five is drawn from 0.3 m around the middle, which of the others 0.15^2 hit too: 0.218.
TEST_F(DmSwimmerTest, AFifthOfTheTargetsIsNear) {
  const int target = six_.Id(mjOBJ_GEOM, "target");
  const auto environment = MakeListedEnvironment("dm_control/swimmer-swimmer6-v0", {});
  int near = 0;
  for (uint64_t seed = 0; seed < 400; ++seed) {
    environment->Reset(0, seed);
    const auto positions = environment->physics_states()->model_field(0, "geom_pos");
    const double x = std::abs(positions[3 * target]), y = std::abs(positions[3 * target + 1]);
    EXPECT_LE(std::max(x, y), 2);
    near += std::max(x, y) <= 0.3 ? 1 : 0;
  }
  EXPECT_NEAR(near / 400.0, 0.218, 0.08);  // four standard errors of 0.02
}

}  // namespace
}  // namespace longplay
