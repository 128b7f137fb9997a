// SPDX-License-Identifier: MIT
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "env/gymnasium/gymnasium_tasks.h"
#include "tests/env/mujoco_test.h"
#include "tests/env/single_simulation.h"

namespace longplay {
namespace {

// Without gravity what rests stays: rewards and ends are those of the state that is set.
class InvertedPendulumTest : public MujocoTest {
 protected:
  static TaskStep StepAt(const std::string& id, const std::vector<double>& positions,
                         const std::map<std::string, std::string>& arguments = {}) {
    SingleSimulation pendulum(InvertedPendulumTasks(), id, arguments);
    std::fill_n(pendulum.model()->opt.gravity, 3, 0.0);
    pendulum.Set(positions);
    return pendulum.Step({0});
  }
};

TEST_F(InvertedPendulumTest, PaysOneWithinAFifthOfARadianAndEndsBeyond) {
  for (const double side : {-1, 1}) {
    const TaskStep standing = StepAt("InvertedPendulum-v5", {0.5, side * 0.199});
    EXPECT_EQ(standing.reward, 1);
    EXPECT_FALSE(standing.terminated);
    const TaskStep fallen = StepAt("InvertedPendulum-v5", {0.5, side * 0.201});
    EXPECT_EQ(fallen.reward, 0);
    EXPECT_TRUE(fallen.terminated);
  }
}

TEST_F(InvertedPendulumTest, ObservesPositionsThenVelocities) {
  SingleSimulation pendulum(InvertedPendulumTasks(), "InvertedPendulum-v5");
  pendulum.Set({0.1, 0.2}, {30, 40});
  EXPECT_THAT(pendulum.Observe(), testing::ElementsAre(0.1, 0.2, 30, 40));
}

TEST_F(InvertedPendulumTest, StartsWithinItsNoise) {
  SingleSimulation pendulum(InvertedPendulumTasks(), "InvertedPendulum-v5");
  ExpectStartsFill(pendulum, -0.01, 0.01, [](const mjData& d) { return d.qpos[1]; });
  ExpectStartsFill(pendulum, -0.01, 0.01, [](const mjData& d) { return d.qvel[1]; });
}

class InvertedDoublePendulumTest : public InvertedPendulumTest {};

// Two poles of 0.6 m: the tip is at (x, 1.2), and 2 m is where the penalty sees it best.
TEST_F(InvertedDoublePendulumTest, PaysTenLessTheTipsDistance) {
  EXPECT_NEAR(StepAt("InvertedDoublePendulum-v5", {0}).reward, 10 - 0.8 * 0.8, 1e-9);
  EXPECT_NEAR(StepAt("InvertedDoublePendulum-v5", {0.5}).reward, 10 - 0.64 - 0.01 * 0.25, 1e-9);
  EXPECT_NEAR(StepAt("InvertedDoublePendulum-v5", {0}, {{"healthy_reward", "1"}}).reward, 1 - 0.64,
              1e-9);
}

TEST_F(InvertedDoublePendulumTest, EndsWhenTheTipIsAMetreHigh) {
  const double at_one_metre = std::acos(1 / 1.2);
  const TaskStep standing = StepAt("InvertedDoublePendulum-v5", {0, at_one_metre - 1e-3});
  EXPECT_FALSE(standing.terminated);
  EXPECT_GT(standing.reward, 8);
  const TaskStep fallen = StepAt("InvertedDoublePendulum-v5", {0, at_one_metre + 1e-3});
  EXPECT_TRUE(fallen.terminated);
  EXPECT_LT(fallen.reward, -1);  // the penalties stay
}

TEST_F(InvertedDoublePendulumTest, ObservesSinesAndCosinesAndClippedVelocities) {
  SingleSimulation pendulum(InvertedPendulumTasks(), "InvertedDoublePendulum-v5");
  pendulum.Set({0.1, 0.2, 0.3}, {1, 20, -30});
  const auto about = [](double x) { return testing::DoubleNear(x, 1e-15); };
  EXPECT_THAT(pendulum.Observe(),
              testing::ElementsAre(0.1, about(std::sin(0.2)), about(std::sin(0.3)),
                                   about(std::cos(0.2)), about(std::cos(0.3)), 1, 10, -10, 0));
}

// At the end of the rail the constraint pushes back.
TEST_F(InvertedDoublePendulumTest, ObservesTheForceAtTheRailsEnd) {
  SingleSimulation pendulum(InvertedPendulumTasks(), "InvertedDoublePendulum-v5");
  pendulum.Set({1.1});
  EXPECT_EQ(pendulum.Observe()[8], -10);
  pendulum.Set({-1.1});
  EXPECT_EQ(pendulum.Observe()[8], 10);
}

}  // namespace
}  // namespace longplay
