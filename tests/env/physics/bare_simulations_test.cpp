// SPDX-License-Identifier: MIT
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <vector>

#include "env/list/make_listed_environment.h"
#include "tests/env/mujoco_test.h"

namespace longplay {
namespace {

class BareSimulationsTest : public MujocoTest {
 protected:
  static double TimeOf(Environment& environment, int64_t i) {
    std::vector<double> state(environment.physics_states()->state_size());
    environment.physics_states()->GetState(i, state);
    return state[0];
  }

  const std::unique_ptr<Environment> hopper_ = MakeListedEnvironment("Hopper-v5", {.batch = 2});
};

// A step tells how many physics steps a decision has.
TEST_F(BareSimulationsTest, MakingThemTakesOneStepOfRunningEpisodes) {
  EXPECT_THROW(hopper_->MakeBareSimulations(), std::invalid_argument);
  for (const int64_t i : {0, 1}) hopper_->Reset(i, i);
  EXPECT_NE(hopper_->MakeBareSimulations(), nullptr);
  for (const int64_t i : {0, 1}) EXPECT_NEAR(TimeOf(*hopper_, i), 4 * 0.002, 1e-15);
}

TEST_F(BareSimulationsTest, TheirStepsLeaveTheEnvironmentAlone) {
  for (const int64_t i : {0, 1}) hopper_->Reset(i, i);
  const std::unique_ptr<BareSimulations> bare = hopper_->MakeBareSimulations();
  for (const int64_t i : {0, 1}) bare->Copy(i);
  const auto seen = hopper_->observation(1);
  const std::vector<double> before(seen.begin(), seen.end());
  for (int t = 0; t < 20; ++t) bare->Step(RandomActions(*hopper_, t));
  EXPECT_THAT(hopper_->observation(1), testing::ElementsAreArray(before));
  EXPECT_NEAR(TimeOf(*hopper_, 1), 4 * 0.002, 1e-15);
}

TEST_F(BareSimulationsTest, OnlySimulationsThatAreThereAreCopied) {
  for (const int64_t i : {0, 1}) hopper_->Reset(i, i);
  const std::unique_ptr<BareSimulations> bare = hopper_->MakeBareSimulations();
  EXPECT_THROW(bare->Copy(2), std::invalid_argument);
}

}  // namespace
}  // namespace longplay
