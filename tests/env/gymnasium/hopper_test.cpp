// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "env/gymnasium/gymnasium_tasks.h"
#include "tests/env/mujoco_test.h"
#include "tests/env/single_simulation.h"

namespace longplay {
namespace {

using Arguments = std::map<std::string, std::string>;

// One step of 8 ms without contacts and control: it falls by 0.3 mm and changes nothing else.
TaskStep Fall(const std::string& id, const Arguments& arguments,
              const std::vector<double>& positions, const std::vector<double>& velocities = {}) {
  SingleSimulation runner(HopperTasks(), id, arguments);
  runner.model()->opt.disableflags |= mjDSBL_CONTACT;
  runner.Set(positions, velocities);
  return runner.Step(std::vector<double>(runner.model()->nu, 0));
}

class HopperTest : public MujocoTest {};

TEST_F(HopperTest, PaysItsSpeedAndOneForBeingHealthy) {
  EXPECT_NEAR(Fall("Hopper-v5", {}, {0, 1.25}, {1.5}).reward, 1.5 + 1, 1e-9);
  const Arguments weights = {{"forward_reward_weight", "2"}, {"healthy_reward", "0.5"}};
  EXPECT_NEAR(Fall("Hopper-v5", weights, {0, 1.25}, {1.5}).reward, 3 + 0.5, 1e-9);
  EXPECT_NEAR(Fall("Hopper-v5", {}, {0, 0.5}, {1.5}).reward, 1.5, 1e-9);
}

TEST_F(HopperTest, IsHealthyAboveSeventyCentimetres) {
  EXPECT_FALSE(Fall("Hopper-v5", {}, {0, 0.701}).terminated);
  EXPECT_TRUE(Fall("Hopper-v5", {}, {0, 0.700}).terminated);
  EXPECT_FALSE(Fall("Hopper-v5", {}, {0, 100}).terminated);
}

TEST_F(HopperTest, IsHealthyWithinAFifthOfARadian) {
  for (const double side : {-1, 1}) {
    EXPECT_FALSE(Fall("Hopper-v5", {}, {0, 1.25, side * 0.199}).terminated);
    EXPECT_TRUE(Fall("Hopper-v5", {}, {0, 1.25, side * 0.201}).terminated);
  }
}

TEST_F(HopperTest, IsHealthyWhileItsStateIsBelowAHundred) {
  EXPECT_FALSE(Fall("Hopper-v5", {}, {1000, 1.25}).terminated);  // the place does not count
  EXPECT_FALSE(Fall("Hopper-v5", {}, {0, 1.25}, {99}).terminated);
  EXPECT_TRUE(Fall("Hopper-v5", {}, {0, 1.25}, {-101}).terminated);
  EXPECT_TRUE(Fall("Hopper-v5", {{"healthy_state_range", "-9,9"}}, {0, 1.25}, {10}).terminated);
}

TEST_F(HopperTest, MayLieWhereThatIsAskedFor) {
  const TaskStep lying = Fall("Hopper-v5", {{"terminate_when_unhealthy", "false"}}, {0, 0.5});
  EXPECT_FALSE(lying.terminated);
  EXPECT_NEAR(lying.reward, 0, 1e-9);
}

TEST_F(HopperTest, ControlCostsAThousandthOfItsSquares) {
  double rewards[2];
  for (const int free : {0, 1}) {
    SingleSimulation hopper(HopperTasks(), "Hopper-v5",
                            free == 1 ? Arguments{{"ctrl_cost_weight", "0"}} : Arguments{});
    hopper.Set({0, 3});
    rewards[free] = hopper.Step({1, -0.5, 0}).reward;
  }
  EXPECT_NEAR(rewards[0], rewards[1] - 1e-3 * (1 + 0.25), 1e-14);
}

TEST_F(HopperTest, ObservedVelocitiesAreClippedToTen) {
  SingleSimulation hopper(HopperTasks(), "Hopper-v5");
  hopper.Set({99, 1.25, 0.1, 0.2, 0.3, 0.4}, {-20, 5, 11, 0, 0, 1});
  EXPECT_EQ(hopper.Observe(), (std::vector<double>{1.25, 0.1, 0.2, 0.3, 0.4, -10, 5, 10, 0, 0, 1}));
}

class Walker2dTest : public MujocoTest {};

TEST_F(Walker2dTest, IsHealthyFromEightyCentimetresToTwoMetres) {
  EXPECT_FALSE(Fall("Walker2d-v5", {}, {0, 0.801}).terminated);
  EXPECT_TRUE(Fall("Walker2d-v5", {}, {0, 0.800}).terminated);
  EXPECT_FALSE(Fall("Walker2d-v5", {}, {0, 2.000}).terminated);
  EXPECT_TRUE(Fall("Walker2d-v5", {}, {0, 2.001}).terminated);
}

TEST_F(Walker2dTest, IsHealthyWithinARadianAtAnySpeed) {
  EXPECT_FALSE(Fall("Walker2d-v5", {}, {0, 1.25, 0.99}).terminated);
  EXPECT_TRUE(Fall("Walker2d-v5", {}, {0, 1.25, -1.01}).terminated);
  EXPECT_FALSE(Fall("Walker2d-v5", {}, {0, 1.25}, {150}).terminated);
}

TEST_F(Walker2dTest, StartsWithinItsNoise) {
  SingleSimulation walker(HopperTasks(), "Walker2d-v5");
  ExpectStartsFill(walker, 1.245, 1.255, [](const mjData& d) { return d.qpos[1]; });
  ExpectStartsFill(walker, -0.005, 0.005, [](const mjData& d) { return d.qvel[8]; });
}

}  // namespace
}  // namespace longplay
