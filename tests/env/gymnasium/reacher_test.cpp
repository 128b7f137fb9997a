// SPDX-License-Identifier: MIT
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "env/gymnasium/gymnasium_tasks.h"
#include "tests/env/mujoco_test.h"
#include "tests/env/single_simulation.h"

namespace longplay {
namespace {

using Arguments = std::map<std::string, std::string>;

// Positions: shoulder, elbow, target's x and y. The straight arm reaches to (0.21, 0).
class ReacherTest : public MujocoTest {
 protected:
  static double RewardAt(const std::vector<double>& positions, const Arguments& arguments = {},
                         const std::vector<double>& action = {0, 0}) {
    SingleSimulation reacher(ReacherTasks(), "Reacher-v5", arguments);
    reacher.Set(positions);
    return reacher.Step(action).reward;
  }
};

TEST_F(ReacherTest, CostsTheDistanceToTheTarget) {
  EXPECT_NEAR(RewardAt({0, 0, 0.21, 0}), 0, 1e-12);
  EXPECT_NEAR(RewardAt({0, 0, 0.21, -0.1}), -0.1, 1e-12);
  EXPECT_NEAR(RewardAt({0, 0, 0.18, 0.04}), -0.05, 1e-12);
  EXPECT_NEAR(RewardAt({0, 0, 0.18, 0.04}, {{"reward_dist_weight", "4"}}), -0.2, 1e-12);
}

TEST_F(ReacherTest, ControlCostsItsSquares) {
  const double free = RewardAt({0, 0, 0.1, 0}, {{"reward_control_weight", "0"}}, {0.3, -0.4});
  EXPECT_NEAR(RewardAt({0, 0, 0.1, 0}, {}, {0.3, -0.4}), free - 0.25, 1e-14);
}

TEST_F(ReacherTest, ObservesAnglesTargetVelocitiesAndTheWay) {
  SingleSimulation reacher(ReacherTasks(), "Reacher-v5");
  reacher.Set({std::numbers::pi / 2, 0, 0.1, -0.05}, {3, 4, 5, 6});  // the tip is at (0, 0.21)
  const auto about = [](double x) { return testing::DoubleNear(x, 1e-14); };
  EXPECT_THAT(reacher.Observe(), testing::ElementsAre(about(0), 1, 1, 0, 0.1, -0.05, 3, 4,
                                                      about(-0.1), about(0.21 + 0.05)));
}

TEST_F(ReacherTest, TargetsStartAtRestInADisc) {
  SingleSimulation reacher(ReacherTasks(), "Reacher-v5");
  ExpectStartsFill(reacher, -0.1, 0.1, [](const mjData& d) { return d.qpos[0]; });
  double farthest = 0;
  for (uint64_t seed = 0; seed < 100; ++seed) {
    reacher.Start(seed);
    farthest = std::max(farthest, std::hypot(reacher.data()->qpos[2], reacher.data()->qpos[3]));
    EXPECT_EQ(reacher.data()->qvel[2], 0);
    EXPECT_EQ(reacher.data()->qvel[3], 0);
    EXPECT_NE(reacher.data()->qvel[0], 0);
  }
  EXPECT_LT(farthest, 0.2);
  EXPECT_GT(farthest, 0.18);
}

// Seven joints, then y and x of the object and of the goal, which are 4.8 cm apart in height.
class PusherTest : public MujocoTest {
 protected:
  static double RewardAt(double object_y, double object_x, const Arguments& arguments = {},
                         const std::vector<double>& action = std::vector<double>(7, 0)) {
    SingleSimulation pusher(ReacherTasks(), "Pusher-v5", arguments);
    pusher.Set({0, 0, 0, 0, 0, 0, 0, object_y, object_x});
    return pusher.Step(action).reward;
  }
};

// The straight arm ends at (0.821, -0.6, 0); the object stands at (0.45, -0.05, -0.275).
TEST_F(PusherTest, CostsHalfTheWayToTheObjectAndTheWayToTheGoal) {
  const double near = std::hypot(0.821 - 0.45, -0.6 + 0.05, 0.275);
  EXPECT_NEAR(RewardAt(0, 0), -0.5 * near - 0.048, 1e-9);
  const double moved = std::hypot(0.821 - 0.45 + 0.3, -0.6 + 0.05, 0.275);
  EXPECT_NEAR(RewardAt(0, -0.3), -0.5 * moved - std::hypot(0.3, 0.048), 1e-9);
  const Arguments goal_alone = {{"reward_near_weight", "0"}, {"reward_dist_weight", "2"}};
  EXPECT_NEAR(RewardAt(0.4, 0, goal_alone), -2 * std::hypot(0.4, 0.048), 1e-9);
}

TEST_F(PusherTest, ControlCostsATenthOfItsSquares) {
  const std::vector<double> action = {1, 0, 0, 2, 0, 0, 0};
  const double free = RewardAt(0, 0, {{"reward_control_weight", "0"}}, action);
  EXPECT_NEAR(RewardAt(0, 0, {}, action), free - 0.1 * (1 + 4), 1e-14);
}

TEST_F(PusherTest, TheObjectStartsAwayFromTheGoal) {
  SingleSimulation pusher(ReacherTasks(), "Pusher-v5");
  ExpectStartsFill(pusher, -0.3, 0, [](const mjData& d) { return d.qpos[7]; });
  ExpectStartsFill(pusher, -0.2, 0.2, [](const mjData& d) { return d.qpos[8]; });
  for (uint64_t seed = 0; seed < 100; ++seed) {
    pusher.Start(seed);
    EXPECT_GT(std::hypot(pusher.data()->qpos[7], pusher.data()->qpos[8]), 0.17) << seed;
    for (int k = 7; k < 11; ++k) EXPECT_EQ(pusher.data()->qvel[k], 0);
    EXPECT_EQ(pusher.data()->qpos[0], 0);
  }
}

}  // namespace
}  // namespace longplay
