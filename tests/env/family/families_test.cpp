// SPDX-License-Identifier: MIT
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <string>
#include <vector>

#include "env/list/make_listed_environment.h"
#include "env/physics/model_files.h"
#include "tests/env/mujoco_test.h"

namespace longplay {
namespace {

class FamiliesTest : public MujocoTest {};

std::set<std::vector<double>> DrawnParameters(const std::string& id, ParameterSet set) {
  const std::unique_ptr<Environment> environment = MakeListedEnvironment(id, {.parameters = set});
  std::set<std::vector<double>> drawn;
  for (uint64_t seed = 0; seed < 1500; ++seed) {
    environment->StartChain(0, seed);
    const auto parameter = environment->hidden_parameter()->parameter(0);
    drawn.emplace(parameter.begin(), parameter.end());
  }
  return drawn;
}

TEST_F(FamiliesTest, FortyFiveTasksAreForTrainingAndFiveOthersAreHeldOut) {
  for (const std::string name : {"ant-direction", "hopper-parameters", "walker-parameters"}) {
    const auto training = DrawnParameters("family/" + name + "-v0", ParameterSet::kTraining);
    const auto held_out = DrawnParameters("family/" + name + "-v0", ParameterSet::kHeldOut);
    EXPECT_EQ(training.size(), 45u) << name;
    EXPECT_EQ(held_out.size(), 5u) << name;
    for (const auto& parameter : held_out) EXPECT_EQ(training.count(parameter), 0u) << name;
  }
}

TEST_F(FamiliesTest, TheParameterChangesWhatHappensAndOnlyTheOracleSeesIt) {
  for (const std::string name : {"ant-direction", "hopper-parameters", "walker-parameters"}) {
    const std::unique_ptr<Environment> blind =
        MakeListedEnvironment("family/" + name + "-v0", {.batch = 2});
    const std::unique_ptr<Environment> oracle =
        MakeListedEnvironment("family/" + name + "-oracle-v0", {});
    const int64_t A = blind->spec().action_size, O = blind->spec().observation_size;
    blind->StartChain(0, 0);
    blind->StartChain(1, 1);
    oracle->StartChain(0, 0);
    for (int64_t i : {0, 1}) blind->Reset(i, 3);
    oracle->Reset(0, 3);
    EXPECT_THAT(blind->observation(0), testing::ElementsAreArray(blind->observation(1))) << name;
    std::vector<double> actions = RandomActions(*blind, 1);
    std::copy_n(actions.begin(), A, actions.begin() + A);
    const auto outcomes = blind->Step(actions, std::vector<uint8_t>{1, 1});
    EXPECT_NE(outcomes[0].reward, outcomes[1].reward) << name;
    const auto seen = oracle->Step(std::span(actions).first(A), std::vector<uint8_t>{1});
    EXPECT_EQ(seen[0].reward, outcomes[0].reward) << name;
    EXPECT_THAT(oracle->observation(0).first(O), testing::ElementsAreArray(blind->observation(0)));
    EXPECT_THAT(oracle->observation(0).subspan(O),
                testing::ElementsAreArray(blind->hidden_parameter()->parameter(0)));
  }
}

TEST_F(FamiliesTest, HiddenMassesScaleTheModelsOwn) {
  const std::unique_ptr<Environment> environment =
      MakeListedEnvironment("family/hopper-parameters-v0", {});
  environment->StartChain(0, 5);
  const ModelPtr model = LoadModel("gymnasium/envs/mujoco/assets/hopper.xml");
  for (const uint64_t seed : {1, 2}) {  // a second reset must not scale again
    environment->Reset(0, seed);
    const double factor = std::pow(1.5, 3 * environment->hidden_parameter()->parameter(0)[0]);
    EXPECT_NEAR(environment->physics_states()->model_field(0, "body_mass")[1],
                model->body_mass[1] * factor, 1e-12);
  }
}

TEST_F(FamiliesTest, AntRunsInTheHiddenDirection) {
  // The same motion is worth more to a chain whose direction it follows.
  const std::unique_ptr<Environment> ant =
      MakeListedEnvironment("family/ant-direction-v0", {.batch = 2});
  ant->StartChain(0, 0);
  uint64_t other = 1;
  do {
    ant->StartChain(1, other++);
  } while (ant->hidden_parameter()->parameter(1)[0] * ant->hidden_parameter()->parameter(0)[0] +
               ant->hidden_parameter()->parameter(1)[1] * ant->hidden_parameter()->parameter(0)[1] >
           -0.99);
  for (int64_t i : {0, 1}) ant->Reset(i, 1);
  std::vector<double> actions(16, 0.3);
  const auto outcomes = ant->Step(actions, std::vector<uint8_t>{1, 1});
  // reward = speed + 1 - 0.5 |a|^2; opposite directions have opposite speeds (up to 1 in 50 of a
  // circle between them).
  const double rest = 1 - 0.5 * 8 * 0.3 * 0.3;
  EXPECT_NEAR(outcomes[0].reward - rest, -(outcomes[1].reward - rest), 0.2);
}

// One episode with a fixed answer; returns the reward.
double Answer(Environment& environment, uint64_t seed, double answer) {
  environment.Reset(0, seed);
  const std::vector<double> action = {answer};
  for (int64_t step = 0;; ++step) {
    const StepOutcome outcome = environment.Step(action, std::vector<uint8_t>{1})[0];
    if (outcome.over()) return outcome.reward;
  }
}

TEST_F(FamiliesTest, CueIsShownOnceAndAskedForAfterItsDistance) {
  const std::unique_ptr<Environment> environment =
      MakeListedEnvironment("family/cue-recall-v0?distance=7", {});
  environment->Reset(0, 3);
  const double cue = environment->observation(0)[0];
  EXPECT_EQ(std::abs(cue), 1);
  const std::vector<double> action = {cue};
  for (int step = 0; step <= 7; ++step) {
    const auto seen = environment->observation(0);
    EXPECT_THAT(seen, testing::ElementsAre(step == 0 ? cue : 0, step == 7 ? 1 : 0, 0)) << step;
    const StepOutcome outcome = environment->Step(action, std::vector<uint8_t>{1})[0];
    EXPECT_EQ(outcome.terminated, step == 7);
    EXPECT_EQ(outcome.reward, step == 7 ? 1 : 0);
  }
}

TEST_F(FamiliesTest, NoLimitComesBeforeADistantAnswer) {
  const std::unique_ptr<Environment> environment =
      MakeListedEnvironment("family/cue-recall-v0?distance=3000", {});
  environment->Reset(0, 3);
  const std::vector<double> action = {environment->observation(0)[0]};
  StepOutcome outcome;
  int64_t steps = 0;
  for (; !outcome.over(); ++steps) {
    outcome = environment->Step(action, std::vector<uint8_t>{1})[0];
  }
  EXPECT_EQ(steps, 3001);
  EXPECT_TRUE(outcome.terminated);
  EXPECT_FALSE(outcome.truncated);
  EXPECT_EQ(outcome.reward, 1);
}

TEST_F(FamiliesTest, APolicyWithoutMemoryAnswersRightHalfOfTheTime) {
  const std::unique_ptr<Environment> environment =
      MakeListedEnvironment("family/cue-recall-v0", {});
  double sum = 0;
  for (uint64_t seed = 0; seed < 1000; ++seed) sum += Answer(*environment, seed, 1);
  EXPECT_NEAR(sum / 1000, 0.5, 0.05);  // three deviations
}

TEST_F(FamiliesTest, CueSurvivesARestoredState) {
  const std::unique_ptr<Environment> environment =
      MakeListedEnvironment("family/cue-recall-oracle-v0?distance=2", {.batch = 2});
  for (int64_t i : {0, 1}) environment->Reset(i, i);
  std::vector<double> state(environment->physics_states()->state_size());
  environment->Step(std::vector<double>{1, 1}, std::vector<uint8_t>{1, 1});
  environment->physics_states()->GetState(0, state);
  environment->physics_states()->SetState(1, state, 1);
  environment->Step(std::vector<double>{1, 1}, std::vector<uint8_t>{1, 1});
  EXPECT_EQ(environment->observation(0)[2], environment->observation(1)[2]);
  EXPECT_NE(environment->observation(0)[2], 0);
}

}  // namespace
}  // namespace longplay
