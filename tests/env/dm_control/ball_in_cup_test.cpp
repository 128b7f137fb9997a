// SPDX-License-Identifier: MIT
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "env/dm_control/dm_control_tasks.h"
#include "tests/env/mujoco_test.h"
#include "tests/env/single_simulation.h"

namespace longplay {
namespace {

using testing::ElementsAre;

// Positions are those of the cup (x, z) and of the ball (x, z), from where the model has them: the
// ball, of radius 0.025, is in the middle of the target when it has risen by 0.35.
class BallInCupTest : public MujocoTest {
 protected:
  double RewardAt(const std::vector<double>& positions) {
    ball_.Set(positions);
    return ball_.Reward();
  }

  SingleSimulation ball_{BallInCupTasks(), "dm_control/ball_in_cup-catch-v0"};
};

// The target reaches 0.05 to each side; the whole ball has to be inside.
TEST_F(BallInCupTest, PaysWhileTheWholeBallIsInTheTarget) {
  EXPECT_EQ(RewardAt({0, 0, 0, 0.35}), 1);
  for (const double side : {-1, 1}) {
    EXPECT_EQ(RewardAt({0, 0, side * 0.024, 0.35}), 1);
    EXPECT_EQ(RewardAt({0, 0, side * 0.026, 0.35}), 0);
    EXPECT_EQ(RewardAt({0, 0, 0, 0.35 + side * 0.024}), 1);
    EXPECT_EQ(RewardAt({0, 0, 0, 0.35 + side * 0.026}), 0);
  }
}

TEST_F(BallInCupTest, TheTargetMovesWithTheCup) {
  EXPECT_EQ(RewardAt({0.1, -0.2, 0.1, 0.15}), 1);
  EXPECT_EQ(RewardAt({0.1, -0.2, 0, 0.35}), 0);
}

TEST_F(BallInCupTest, ObservesPositionsThenVelocities) {
  ball_.Set({0.1, 0.2, 0.15, 0.25}, {1, 2, 3, 4});
  EXPECT_THAT(ball_.Observe(), ElementsAre(0.1, 0.2, 0.15, 0.25, 1, 2, 3, 4));
}

TEST_F(BallInCupTest, TheBallStartsAroundTheCupAndTouchesNothing) {
  ExpectStartsFill(ball_, -0.2, 0.2, [](const mjData& d) { return d.qpos[2]; });
  ExpectStartsFill(ball_, 0.2, 0.5, [](const mjData& d) { return d.qpos[3]; });
  for (uint64_t seed = 0; seed < 100; ++seed) {
    ball_.Start(seed);
    EXPECT_EQ(ball_.data()->ncon, 0) << seed;
  }
}

}  // namespace
}  // namespace longplay
