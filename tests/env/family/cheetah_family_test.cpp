// SPDX-License-Identifier: MIT
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "env/environment.h"
#include "env/list/make_listed_environment.h"
#include "tests/env/mujoco_test.h"

namespace longplay {
namespace {

class CheetahFamilyTest : public MujocoTest {};

TEST_F(CheetahFamilyTest, FortyFiveVelocitiesAreForTrainingAndFiveAreHeldOut) {
  std::set<double> drawn[2];
  for (ParameterSet set : {ParameterSet::kTraining, ParameterSet::kHeldOut}) {
    const std::unique_ptr<Environment> environment =
        MakeListedEnvironment("family/cheetah-velocity-v0", {.parameters = set});
    for (uint64_t seed = 0; seed < 2000; ++seed) {
      environment->StartChain(0, seed);
      drawn[static_cast<int>(set)].insert(environment->hidden_parameter()->parameter(0)[0]);
    }
  }
  EXPECT_EQ(drawn[0].size(), 45u);
  EXPECT_EQ(drawn[1].size(), 5u);
  for (double velocity : drawn[1]) EXPECT_EQ(drawn[0].count(velocity), 0u);
}

TEST_F(CheetahFamilyTest, WishShowsInTheRewardAndOnlyTheOracleSeesIt) {
  for (const std::string name : {"cheetah-velocity", "cheetah-direction"}) {
    const std::unique_ptr<Environment> blind =
        MakeListedEnvironment("family/" + name + "-v0", {.batch = 2});
    const std::unique_ptr<Environment> oracle =
        MakeListedEnvironment("family/" + name + "-oracle-v0", {});
    uint64_t other = 1;  // the first chain whose wish differs from that of chain 0
    blind->StartChain(0, 0);
    do {
      blind->StartChain(1, other++);
    } while (blind->hidden_parameter()->parameter(1)[0] ==
             blind->hidden_parameter()->parameter(0)[0]);
    oracle->StartChain(0, 0);
    blind->Reset(0, 3);
    blind->Reset(1, 3);
    oracle->Reset(0, 3);
    std::vector<double> actions = RandomActions(*blind, 1);
    std::copy_n(actions.begin(), 6, actions.begin() + 6);
    const auto& outcomes = blind->Step(actions, std::vector<uint8_t>{1, 1});
    EXPECT_NE(outcomes[0].reward, outcomes[1].reward) << name;
    EXPECT_THAT(blind->observation(0), testing::ElementsAreArray(blind->observation(1)));
    const std::vector<uint8_t> active = {1};
    EXPECT_EQ(oracle->Step(std::span(actions).first(6), active)[0].reward, outcomes[0].reward);
    EXPECT_EQ(oracle->observation(0).back(), blind->hidden_parameter()->parameter(0)[0]);
  }
}

}  // namespace
}  // namespace longplay
