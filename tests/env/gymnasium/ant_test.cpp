// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "env/gymnasium/gymnasium_tasks.h"
#include "tests/env/mujoco_test.h"
#include "tests/env/single_simulation.h"

namespace longplay {
namespace {

using Arguments = std::map<std::string, std::string>;

constexpr double kRounding = 1e-12;
const std::vector<double> kRest(8, 0);

class AntTest : public MujocoTest {
 protected:
  static SingleSimulation Make(const Arguments& arguments = {}) {
    return {AntTasks(), "Ant-v5", arguments};
  }
  // Without contacts, with its joints within their limits: it keeps its speed and falls by 1.2 cm
  // in a step of 50 ms.
  static TaskStep StepInTheAir(const Arguments& arguments, double height, double speed,
                               const std::vector<double>& action = kRest) {
    SingleSimulation ant = Make(arguments);
    ant.model()->opt.disableflags |= mjDSBL_CONTACT;
    ant.Set({0, 0, height, 1, 0, 0, 0, 0, 0.9, 0, -0.9, 0, -0.9, 0, 0.9}, {speed});
    return ant.Step(action);
  }
};

TEST_F(AntTest, PaysForSpeedForwardAndForBeingHealthy) {
  EXPECT_NEAR(StepInTheAir({}, 0.75, 2).reward, 2 + 1, kRounding);
  EXPECT_NEAR(StepInTheAir({}, 0.75, -2).reward, -2 + 1, kRounding);
  EXPECT_NEAR(
      StepInTheAir({{"forward_reward_weight", "3"}, {"healthy_reward", "5"}}, 0.75, 2).reward,
      6 + 5, kRounding);
}

TEST_F(AntTest, ControlCostsHalfItsSquares) {
  const std::vector<double> action = {1, 0.5, 0, 0, 0, 0, -0.5, 0};
  const double free = StepInTheAir({{"ctrl_cost_weight", "0"}}, 0.75, 0, action).reward;
  EXPECT_NEAR(StepInTheAir({}, 0.75, 0, action).reward, free - 0.5 * (1 + 0.25 + 0.25), 1e-14);
}

TEST_F(AntTest, IsHealthyFromTwentyCentimetresToAMetre) {
  for (const auto& [height, fallen] :
       {std::pair{0.20, true}, {0.23, false}, {1.00, false}, {1.03, true}}) {
    EXPECT_EQ(StepInTheAir({}, height, 0).terminated, fallen) << height;
    EXPECT_NEAR(StepInTheAir({}, height, 0).reward, fallen ? 0 : 1, kRounding) << height;
    EXPECT_FALSE(StepInTheAir({{"terminate_when_unhealthy", "false"}}, height, 0).terminated);
  }
  EXPECT_FALSE(StepInTheAir({{"healthy_z_range", "0.5,2"}}, 1.03, 0).terminated);
}

// On the floor every force on a body costs, clipped to [-1, 1].
TEST_F(AntTest, ContactsCostTheirClippedSquares) {
  double rewards[2];
  double squares = 0;
  for (const int weight : {0, 1}) {
    SingleSimulation ant = Make({{"contact_cost_weight", std::to_string(weight)}});
    ant.Set({0, 0, 0.3});
    rewards[weight] = ant.Step(kRest).reward;
    const std::vector<double> seen = ant.Observe();
    squares = 0;
    for (size_t k = 13 + 14; k < seen.size(); ++k) {
      EXPECT_LE(std::abs(seen[k]), 1);
      squares += seen[k] * seen[k];
    }
  }
  EXPECT_GT(squares, 0.1);
  // The world's own force, which is not observed, costs too.
  EXPECT_LE(rewards[1], rewards[0] - squares + 1e-9);
  EXPECT_GE(rewards[1], rewards[0] - squares - 6);
}

// 13 positions, 14 velocities, 6 forces on each of 13 bodies.
TEST_F(AntTest, ObservesHeightButNotThePlace) {
  SingleSimulation ant = Make();
  ant.Set({7, 8, 0.9}, {1, 2, 3});
  const std::vector<double> seen = ant.Observe();
  ASSERT_EQ(seen.size(), 105u);
  EXPECT_EQ(seen[0], 0.9);
  EXPECT_EQ(seen[13], 1);
  EXPECT_EQ(seen[15], 3);
  EXPECT_TRUE(std::all_of(seen.begin() + 27, seen.end(), [](double f) { return f == 0; }));
  SingleSimulation all = Make({{"exclude_current_positions_from_observation", "false"}});
  all.Set({7, 8, 0.9});
  ASSERT_EQ(all.Observe().size(), 107u);
  EXPECT_EQ(all.Observe()[0], 7);
}

TEST_F(AntTest, StartsWithinATenthOfItsPose) {
  SingleSimulation ant = Make();
  ExpectStartsFill(ant, 0.65, 0.85, [](const mjData& d) { return d.qpos[2]; });
  ExpectStartsFill(ant, -0.1, 0.1, [](const mjData& d) { return d.qpos[14]; });
}

}  // namespace
}  // namespace longplay
