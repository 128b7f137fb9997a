// SPDX-License-Identifier: MIT
// States of MujocoEnvironment; that they continue exactly is in mujoco_environment_test.cpp.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <stdexcept>
#include <vector>

#include "env/list/make_listed_environment.h"
#include "env/physics/mujoco_environment.h"
#include "env/physics/mujoco_handles.h"
#include "tests/env/mujoco_test.h"

namespace longplay {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

const std::vector<uint8_t> kOne = {1};

// Cartpole: two positions and velocities, 10 ms steps, one control.
class MujocoStatesTest : public MujocoTest {
 protected:
  static std::unique_ptr<Environment> Cartpole(const EnvironmentOptions& options = {}) {
    return MakeListedEnvironment("dm_control/cartpole-balance-v0", options);
  }
  static std::vector<double> StateOf(Environment& environment, int64_t i) {
    std::vector<double> state(environment.physics_states()->state_size());
    environment.physics_states()->GetState(i, state);
    return state;
  }
};

TEST_F(MujocoStatesTest, AStateBeginsWithTimePositionsAndVelocities) {
  const auto cartpole = Cartpole();
  EXPECT_EQ(cartpole->physics_states()->position_size(), 2);
  EXPECT_EQ(cartpole->physics_states()->velocity_size(), 2);
  EXPECT_EQ(cartpole->physics_states()->activation_size(), 0);
  cartpole->Reset(0, 1);
  for (int t = 0; t < 3; ++t) cartpole->Step(std::vector<double>{0.5}, kOne);
  const std::vector<double> state = StateOf(*cartpole, 0);
  const auto seen = cartpole->observation(0);
  EXPECT_NEAR(state[0], 0.03, 1e-15);
  EXPECT_EQ(state[1], seen[0]);
  EXPECT_NEAR(std::cos(state[2]), seen[1], 1e-15);
  EXPECT_EQ(state[3], seen[3]);
  EXPECT_EQ(state[4], seen[4]);
}

TEST_F(MujocoStatesTest, PositionsAndVelocitiesAloneSetWhatIsSeen) {
  const auto cartpole = Cartpole({.batch = 2});
  for (const int64_t i : {0, 1}) cartpole->Reset(i, i);
  const double other = cartpole->observation(1)[0];
  cartpole->physics_states()->SetPositions(0, std::vector<double>{0.5, 0},
                                           std::vector<double>{2, 3}, 0);
  EXPECT_THAT(cartpole->observation(0), ElementsAre(0.5, 1, 0, 2, 3));
  EXPECT_EQ(cartpole->observation(1)[0], other);
  EXPECT_EQ(StateOf(*cartpole, 0)[0], 0);  // the rest is as after a reset: the time too
}

TEST_F(MujocoStatesTest, ASetStateRunsFromItsStepOn) {
  const auto cartpole = Cartpole({.action_repeat = 2, .max_episode_steps = 10});
  cartpole->Reset(0, 1);
  const std::vector<double> state = StateOf(*cartpole, 0), still = {0};
  cartpole->physics_states()->SetState(0, state, 8);
  EXPECT_FALSE(cartpole->Step(still, kOne)[0].over());
  EXPECT_TRUE(cartpole->Step(still, kOne)[0].truncated);
  EXPECT_THROW(cartpole->Step(still, kOne), std::invalid_argument);
  cartpole->physics_states()->SetState(0, state, 0);  // what is over runs again
  EXPECT_FALSE(cartpole->Step(still, kOne)[0].over());
}

TEST_F(MujocoStatesTest, WrongSizesAndSimulationsAreNamed) {
  const auto cartpole = Cartpole();
  PhysicsStates& states = *cartpole->physics_states();
  const std::vector<double> whole = StateOf(*cartpole, 0), two(2), three(3);
  EXPECT_THAT([&] { states.SetState(0, two, 0); },
              ThrowsMessage<std::invalid_argument>(HasSubstr("simulation's state: expected")));
  EXPECT_THAT(
      [&] { states.SetPositions(0, three, two, 0); },
      ThrowsMessage<std::invalid_argument>(HasSubstr("positions: expected 2 values, got 3")));
  EXPECT_THAT(
      [&] { states.SetPositions(0, two, three, 0); },
      ThrowsMessage<std::invalid_argument>(HasSubstr("velocities: expected 2 values, got 3")));
  std::vector<double> small(3), large(whole.size());
  EXPECT_THROW(states.GetState(0, small), std::invalid_argument);
  EXPECT_THROW(states.GetState(1, large), std::invalid_argument);
  EXPECT_THROW(states.SetState(-1, whole, 0), std::invalid_argument);
}

TEST_F(MujocoStatesTest, ATargetThatIsSetIsSeen) {
  const auto reacher = MakeListedEnvironment("dm_control/reacher-easy-v0", {.batch = 2});
  for (const int64_t i : {0, 1}) reacher->Reset(i, 7);
  PhysicsStates& states = *reacher->physics_states();
  EXPECT_THAT(states.model_fields(), ElementsAre("geom_pos"));
  const auto before = states.model_field(0, "geom_pos");
  std::vector<double> moved(before.begin(), before.end());
  for (double& x : moved) x += 0.01;  // the target with all other geoms of the world
  const std::vector<double> state = StateOf(*reacher, 0);
  const double way = reacher->observation(0)[2];
  states.SetModelField(0, "geom_pos", moved);
  EXPECT_EQ(states.model_field(0, "geom_pos")[0], moved[0]);
  EXPECT_NE(states.model_field(1, "geom_pos")[0], moved[0]);
  states.SetState(0, state, 0);
  EXPECT_NE(reacher->observation(0)[2], way);
  EXPECT_THROW(states.SetModelField(0, "geom_size", moved), std::invalid_argument);
  EXPECT_THAT([&] { states.SetModelField(0, "geom_pos", std::vector<double>(2)); },
              ThrowsMessage<std::invalid_argument>(HasSubstr("model field: geom_pos: expected")));
}

// A pole upright pays 1, half of it when it lies; the reward needs no action.
TEST_F(MujocoStatesTest, StatesAreJudgedInTheirOrder) {
  const auto cartpole = Cartpole({.batch = 3});
  std::vector<double> states, expected;
  for (int k = 0; k < 50; ++k) {
    const bool lies = k % 3 == 0;
    states.insert(states.end(), {0, lies ? M_PI / 2 : 0, 0, 0});
    expected.push_back(lies ? 0.5 : 1);
  }
  const auto rewards = cartpole->state_rewards()->Rewards(states);
  ASSERT_TRUE(rewards.has_value());
  EXPECT_THAT(*rewards, testing::Pointwise(testing::DoubleNear(1e-14), expected));
  EXPECT_TRUE(cartpole->state_rewards()->Rewards({})->empty());
}

TEST_F(MujocoStatesTest, ACopyForAPictureHasTheHiddenGoal) {
  const auto listed = MakeListedEnvironment("family/point-goal-v0", {});
  const auto& environment = dynamic_cast<const MujocoEnvironment&>(*listed);
  listed->StartChain(0, 3);
  listed->Reset(0, 4);
  const DataPtr data(mj_makeData(environment.model()));
  environment.CopyState(0, data.get());
  const double* target =
      data->geom_xpos + 3 * mj_name2id(environment.model(), mjOBJ_GEOM, "target");
  EXPECT_EQ(target[0], environment.parameter(0)[0]);
  EXPECT_EQ(target[1], environment.parameter(0)[1]);
  EXPECT_EQ(data->qpos[0], listed->observation(0)[0]);
  EXPECT_THROW(environment.CopyState(1, data.get()), std::invalid_argument);
}

}  // namespace
}  // namespace longplay
