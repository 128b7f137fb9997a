// SPDX-License-Identifier: MIT
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "env/environment.h"
#include "env/list/make_listed_environment.h"
#include "tests/env/mujoco_test.h"

namespace longplay {
namespace {

constexpr double kReach = 0.29;

class PointGoalTest : public MujocoTest {};

std::pair<int, int> Cell(std::span<const double> goal) {
  const auto index = [](double x) { return static_cast<int>((x + kReach) / (2 * kReach / 8)); };
  return {index(goal[0]), index(goal[1])};
}

// Return of an episode of the controller that steers to `goal`, or of one that stays.
double PlayTowards(Environment& environment, std::span<const double> goal, bool steer) {
  double total = 0;
  const std::vector<uint8_t> active = {1};
  for (StepOutcome outcome; !outcome.over(); total += outcome.reward) {
    std::vector<double> actions(2, 0.0);
    for (int k = 0; k < 2 && steer; ++k) {
      // At full control a decision moves the mass by 0.05 m, less what its velocity adds.
      const double error = goal[k] - environment.observation(0)[k];
      actions[k] = std::clamp(error / 0.05 - 5 * environment.observation(0)[2 + k], -1.0, 1.0);
    }
    outcome = environment.Step(actions, active)[0];
  }
  return total;
}

TEST_F(PointGoalTest, GoalIsNeverInTheObservation) {
  const std::unique_ptr<Environment> environment =
      MakeListedEnvironment("family/point-goal-v0", {.batch = 2});
  environment->StartChain(0, 1);
  environment->StartChain(1, 2);
  ASSERT_NE(environment->hidden_parameter()->parameter(0)[0],
            environment->hidden_parameter()->parameter(1)[0]);
  bool rewards_differ = false;
  for (int episode = 0; episode < 3; ++episode) {
    environment->Reset(0, episode);
    environment->Reset(1, episode);
    for (int t = 0; t < 20; ++t) {
      std::vector<double> actions = RandomActions(*environment, t);
      std::copy_n(actions.begin(), 2, actions.begin() + 2);
      const auto& outcomes = environment->Step(actions, std::vector<uint8_t>{1, 1});
      EXPECT_THAT(environment->observation(0),
                  testing::ElementsAreArray(environment->observation(1)));
      rewards_differ |= outcomes[0].reward != outcomes[1].reward;
    }
  }
  EXPECT_TRUE(rewards_differ);
}

TEST_F(PointGoalTest, OracleSeesTheGoalAndIsTheSameTaskOtherwise) {
  const std::unique_ptr<Environment> blind = MakeListedEnvironment("family/point-goal-v0", {});
  const std::unique_ptr<Environment> oracle =
      MakeListedEnvironment("family/point-goal-oracle-v0", {});
  for (Environment* environment : {blind.get(), oracle.get()}) {
    environment->StartChain(0, 5);
    environment->Reset(0, 6);
  }
  const std::vector<double> actions = RandomActions(*blind, 1);
  const std::vector<uint8_t> active = {1};
  EXPECT_EQ(blind->Step(actions, active)[0].reward, oracle->Step(actions, active)[0].reward);
  EXPECT_THAT(oracle->observation(0).first(4), testing::ElementsAreArray(blind->observation(0)));
  EXPECT_THAT(oracle->observation(0).last(2),
              testing::ElementsAreArray(blind->hidden_parameter()->parameter(0)));
}

TEST_F(PointGoalTest, HeldOutGoalsAreDisjointFromTrainingGoals) {
  const std::unique_ptr<Environment> training = MakeListedEnvironment("family/point-goal-v0", {});
  const std::unique_ptr<Environment> held_out =
      MakeListedEnvironment("family/point-goal-v0", {.parameters = ParameterSet::kHeldOut});
  std::vector<int> draws(64, 0);
  for (uint64_t seed = 0; seed < 2000; ++seed) {
    for (Environment* environment : {training.get(), held_out.get()}) {
      environment->StartChain(0, seed);
      for (double x : environment->hidden_parameter()->parameter(0)) ASSERT_LE(std::abs(x), kReach);
      const auto [column, row] = Cell(environment->hidden_parameter()->parameter(0));
      EXPECT_EQ((column + row) % 2, environment == training.get() ? 0 : 1);
      ++draws[8 * row + column];
    }
  }
  // 62.5 expected in each cell; five standard deviations below.
  for (int count : draws) EXPECT_GT(count, 23);
}

TEST_F(PointGoalTest, GoalStaysForTheChain) {
  const std::unique_ptr<Environment> environment =
      MakeListedEnvironment("family/point-goal-v0", {});
  environment->StartChain(0, 3);
  const std::vector<double> goal(environment->hidden_parameter()->parameter(0).begin(),
                                 environment->hidden_parameter()->parameter(0).end());
  for (int seed = 0; seed < 3; ++seed) {
    environment->Reset(0, seed);
    EXPECT_THAT(environment->hidden_parameter()->parameter(0), testing::ElementsAreArray(goal));
  }
}

TEST_F(PointGoalTest, RewardIsTheDocumentedFunctionOfTheDistance) {
  const std::unique_ptr<Environment> environment =
      MakeListedEnvironment("family/point-goal-v0", {});
  environment->StartChain(0, 8);
  environment->Reset(0, 8);
  for (int t = 0; t < 20; ++t) {
    const double reward =
        environment->Step(RandomActions(*environment, 3), std::vector<uint8_t>{1})[0].reward;
    const auto position = environment->observation(0),
               goal = environment->hidden_parameter()->parameter(0);
    const double distance = std::hypot(position[0] - goal[0], position[1] - goal[1]);
    const double beyond = std::max(0.0, distance - 0.015) / 0.15;
    EXPECT_NEAR(reward, 1 / (1 + 9 * beyond * beyond), 1e-15);  // 0.1 at 0.15 m; one rounding
  }
}

// The figures that the head of env/family/point_goal.cpp states.
TEST_F(PointGoalTest, KnowingTheGoalIsWorthMuch) {
  for (ParameterSet set : {ParameterSet::kTraining, ParameterSet::kHeldOut}) {
    const std::unique_ptr<Environment> environment =
        MakeListedEnvironment("family/point-goal-v0", {.parameters = set});
    double informed = 0, idle = 0;
    const int chains = 400;
    for (int seed = 0; seed < chains; ++seed) {
      environment->StartChain(0, seed);
      environment->Reset(0, seed);
      informed +=
          PlayTowards(*environment, environment->hidden_parameter()->parameter(0), true) / chains;
      environment->Reset(0, seed);
      idle +=
          PlayTowards(*environment, environment->hidden_parameter()->parameter(0), false) / chains;
    }
    RecordProperty("informed", std::to_string(informed));
    RecordProperty("idle", std::to_string(idle));
    EXPECT_GT(informed, 16);
    EXPECT_LT(idle, 3);
  }
}

}  // namespace
}  // namespace longplay
