// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "env/gymnasium/gymnasium_tasks.h"
#include "tests/env/mujoco_test.h"
#include "tests/env/single_simulation.h"

namespace longplay {
namespace {

using Arguments = std::map<std::string, std::string>;

const std::vector<double> kRest(17, 0);

SingleSimulation Make(const std::string& id, const Arguments& arguments = {}) {
  SingleSimulation humanoid(HumanoidTasks(), id, arguments);
  humanoid.model()->opt.disableflags |= mjDSBL_CONTACT;
  return humanoid;
}

// One step of 15 ms without contacts: it falls by 1.1 mm.
TaskStep Fall(const std::string& id, const Arguments& arguments, double height, double speed,
              const std::vector<double>& action = kRest) {
  SingleSimulation humanoid = Make(id, arguments);
  humanoid.Set({0, 0, height}, {speed});
  return humanoid.Step(action);
}

class HumanoidTest : public MujocoTest {};

// The knees are pushed into their limits, which does not move the centre of mass.
TEST_F(HumanoidTest, PaysTheSpeedOfItsCentreOfMassAndFiveForBeingHealthy) {
  EXPECT_NEAR(Fall("Humanoid-v5", {}, 1.4, 2).reward, 1.25 * 2 + 5, 1e-6);
  EXPECT_NEAR(Fall("Humanoid-v5", {}, 1.4, -2).reward, 1.25 * -2 + 5, 1e-6);
  const Arguments weights = {{"forward_reward_weight", "1"}, {"healthy_reward", "0.5"}};
  EXPECT_NEAR(Fall("Humanoid-v5", weights, 1.4, 2).reward, 2 + 0.5, 1e-6);
}

TEST_F(HumanoidTest, IsHealthyFromOneToTwoMetres) {
  for (const auto& [height, fallen] :
       {std::pair{1.000, true}, {1.003, false}, {2.000, false}, {2.005, true}}) {
    EXPECT_EQ(Fall("Humanoid-v5", {}, height, 0).terminated, fallen) << height;
    EXPECT_NEAR(Fall("Humanoid-v5", {}, height, 0).reward, fallen ? 0 : 5, 1e-6) << height;
  }
  EXPECT_FALSE(Fall("Humanoid-v5", {{"terminate_when_unhealthy", "false"}}, 1, 0).terminated);
}

TEST_F(HumanoidTest, ControlCostsATenthOfItsSquares) {
  std::vector<double> action = kRest;
  action[0] = 0.4;
  action[16] = -0.2;
  for (const char* id : {"Humanoid-v5", "HumanoidStandup-v5"}) {
    const double free = Fall(id, {{"ctrl_cost_weight", "0"}}, 1.4, 0, action).reward;
    EXPECT_NEAR(Fall(id, {}, 1.4, 0, action).reward, free - 0.1 * (0.16 + 0.04), 1e-11) << id;
  }
}

TEST_F(HumanoidTest, ContactsCostAtMostTen) {
  const auto on_the_floor = [](const Arguments& arguments) {
    SingleSimulation humanoid(HumanoidTasks(), "Humanoid-v5", arguments);
    humanoid.Set({0, 0, 1.2});  // the feet are in the floor
    return humanoid.Step(kRest).reward;
  };
  const double free = on_the_floor({{"contact_cost_weight", "0"}});
  EXPECT_LT(on_the_floor({}), free);
  EXPECT_NEAR(on_the_floor({{"contact_cost_weight", "1e9"}}), free - 10, 1e-9);
  EXPECT_NEAR(on_the_floor({{"contact_cost_weight", "1e9"}, {"contact_cost_range", "-inf,3"}}),
              free - 3, 1e-9);
}

// 22 positions, 23 velocities, inertias (130) and velocities (78) of 13 bodies, forces of 17
// actuators, forces of contacts (78).
TEST_F(HumanoidTest, ObservesEachPartInItsPlace) {
  SingleSimulation humanoid = Make("Humanoid-v5");
  std::vector<double> action = kRest;
  action[0] = 0.3;
  humanoid.Set({7, 8, 1.4}, {1, 2, 3}, action);
  const std::vector<double> seen = humanoid.Observe();
  ASSERT_EQ(seen.size(), 348u);
  EXPECT_EQ(seen[0], 1.4);
  EXPECT_EQ(seen[22], 1);
  EXPECT_EQ(seen[23], 2);
  const int torso = humanoid.Id(mjOBJ_BODY, "torso");
  EXPECT_NEAR(seen[45 + 9], humanoid.model()->body_mass[torso], 1e-12);  // an inertia's last
  const int joint = humanoid.model()->actuator_trnid[0];
  const double force = 0.3 * humanoid.model()->actuator_gear[0];
  const int dof = humanoid.model()->jnt_dofadr[joint];
  EXPECT_NEAR(seen[22 + 23 + 130 + 78 + dof - 6], force, 1e-9);
  EXPECT_TRUE(std::all_of(seen.end() - 78, seen.end(), [](double f) { return f == 0; }));
}

class HumanoidStandupTest : public MujocoTest {};

// Height over a physics step of 3 ms, and one for being there.
TEST_F(HumanoidStandupTest, PaysHeightOverThePhysicsStep) {
  SingleSimulation humanoid = Make("HumanoidStandup-v5");
  for (const double height : {0.1, 1.4}) {
    humanoid.Set({0, 0, height});
    const TaskStep step = humanoid.Step(kRest);
    EXPECT_NEAR(step.reward, humanoid.data()->qpos[2] / 0.003 + 1, 1e-9);
    EXPECT_LT(step.reward, height / 0.003 + 1);  // it fell meanwhile
    EXPECT_FALSE(step.terminated);
  }
}

TEST_F(HumanoidStandupTest, TheWeightOfHeightIsTakenAndNotUsedAsInGymnasium) {
  EXPECT_EQ(Fall("HumanoidStandup-v5", {{"uph_cost_weight", "100"}}, 1.4, 0).reward,
            Fall("HumanoidStandup-v5", {}, 1.4, 0).reward);
}

}  // namespace
}  // namespace longplay
