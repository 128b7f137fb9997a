// SPDX-License-Identifier: MIT
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "env/environment.h"
#include "env/list/make_listed_environment.h"

namespace longplay {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;
using Cell = std::pair<int, int>;  // x, y

constexpr double kStay = 0, kUp = 1, kDown = 2, kLeft = 3, kRight = 4;

std::unique_ptr<Environment> Make(const std::string& id, ParameterSet set) {
  return MakeListedEnvironment(id, {.parameters = set});
}

Cell ToCell(std::span<const double> values) {
  return {static_cast<int>(values[0]), static_cast<int>(values[1])};
}

/// A chain of simulation 0 whose goal is at `goal`, at the start of an episode.
void StartWithGoal(Environment& environment, const Cell& goal) {
  for (uint64_t seed = 0; seed < 10000; ++seed) {
    environment.StartChain(0, seed);
    if (ToCell(environment.hidden_parameter()->parameter(0)) == goal) {
      environment.Reset(0, seed);
      return;
    }
  }
  FAIL() << "no chain has the goal " << goal.first << ", " << goal.second;
}

StepOutcome Do(Environment& environment, double action) {
  return environment.Step(std::span(&action, 1), std::vector<uint8_t>{1})[0];
}

std::set<Cell> Goals(const std::string& id, ParameterSet set) {
  const auto environment = Make(id, set);
  std::set<Cell> goals;
  for (uint64_t seed = 0; seed < 3000; ++seed) {
    environment->StartChain(0, seed);
    goals.insert(ToCell(environment->hidden_parameter()->parameter(0)));
  }
  return goals;
}

// By hand, from the middle (3, 3) of 7 x 7 to a goal at (5, 3), two steps to the right; (2 + 0) mod 5
// is not 1, so it is for training.
TEST(GridGoalTest, WalksAndEarnsAsComputedByHand) {
  const auto environment = Make("family/grid-goal-v0", ParameterSet::kTraining);
  StartWithGoal(*environment, {5, 3});
  const std::vector<std::pair<double, double>> actions_and_rewards = {
      {kStay, 0}, {kUp, 0},    {kRight, 0}, {kDown, 0}, {kRight, 1},
      {kStay, 1}, {kRight, 0}, {kLeft, 1},  {kLeft, 0}};
  const std::vector<Cell> cells = {{3, 3}, {3, 4}, {4, 4}, {4, 3}, {5, 3},
                                   {5, 3}, {6, 3}, {5, 3}, {4, 3}};
  EXPECT_THAT(environment->observation(0), ElementsAre(3, 3));
  for (size_t t = 0; t < cells.size(); ++t) {
    const auto [action, reward] = actions_and_rewards[t];
    const StepOutcome outcome = Do(*environment, action);
    EXPECT_EQ(outcome.reward, reward) << t;
    EXPECT_FALSE(outcome.over()) << t;
    EXPECT_EQ(ToCell(environment->observation(0)), cells[t]) << t;
  }
}

TEST(GridGoalTest, AStepAgainstAnEdgeLeavesTheWalkerThere) {
  const auto environment = Make("family/grid-goal-v0?size=3&limit=12", ParameterSet::kTraining);
  StartWithGoal(*environment, {0, 0});
  const std::vector<std::pair<double, Cell>> steps = {
      {kUp, {1, 2}},   {kUp, {1, 2}},   {kRight, {2, 2}}, {kRight, {2, 2}}, {kDown, {2, 1}},
      {kDown, {2, 0}}, {kDown, {2, 0}}, {kLeft, {1, 0}},  {kLeft, {0, 0}},  {kLeft, {0, 0}}};
  double earned = 0;
  for (const auto& [action, cell] : steps) {
    earned += Do(*environment, action).reward;
    EXPECT_EQ(ToCell(environment->observation(0)), cell);
  }
  EXPECT_EQ(earned, 2);  // the edge is the goal's too
}

TEST(GridGoalTest, EpisodesEndAtTheLimitAlone) {
  const auto environment = Make("family/grid-goal-v0?limit=3", ParameterSet::kTraining);
  EXPECT_EQ(environment->spec().max_episode_steps, 3);
  environment->StartChain(0, 1);
  environment->Reset(0, 1);
  EXPECT_FALSE(Do(*environment, kStay).over());
  EXPECT_FALSE(Do(*environment, kStay).over());
  const StepOutcome last = Do(*environment, kStay);
  EXPECT_TRUE(last.truncated);
  EXPECT_FALSE(last.terminated);
}

// 3 x 3: of the eight cells around (1, 1), (2, 1) has dx + 2 dy = 1 and (0, 2) has -1 + 2 = 1.
TEST(GridGoalTest, HeldOutGoalsAreEveryFifthCellOfARowAndOfAColumn) {
  EXPECT_THAT(Goals("family/grid-goal-v0?size=3", ParameterSet::kHeldOut),
              ElementsAre(Cell(0, 2), Cell(2, 1)));
  EXPECT_THAT(Goals("family/grid-goal-v0?size=3", ParameterSet::kTraining),
              ElementsAre(Cell(0, 0), Cell(0, 1), Cell(1, 0), Cell(1, 2), Cell(2, 0), Cell(2, 2)));
  const std::set<Cell> training = Goals("family/grid-goal-v0", ParameterSet::kTraining);
  const std::set<Cell> held_out = Goals("family/grid-goal-v0", ParameterSet::kHeldOut);
  EXPECT_EQ(training.size(), 38U);
  EXPECT_EQ(held_out.size(), 10U);
  for (const Cell& cell : held_out) EXPECT_FALSE(training.contains(cell));
  EXPECT_FALSE(training.contains(Cell(3, 3)));  // the start
}

// Turned by 90 degrees, held-out goals are training goals: no set is easier.
TEST(GridGoalTest, HeldOutGoalsAreTrainingGoalsTurned) {
  const std::set<Cell> training = Goals("family/grid-goal-v0", ParameterSet::kTraining);
  for (const auto& [x, y] : Goals("family/grid-goal-v0", ParameterSet::kHeldOut)) {
    EXPECT_TRUE(training.contains(Cell(3 - (y - 3), 3 + (x - 3))));
  }
}

TEST(GridGoalTest, TheOracleSeesTheGoalOfTheSameTask) {
  const auto blind = Make("family/grid-goal-v0", ParameterSet::kTraining);
  const auto oracle = Make("family/grid-goal-oracle-v0", ParameterSet::kTraining);
  for (Environment* environment : {blind.get(), oracle.get()}) {
    environment->StartChain(0, 5);
    environment->Reset(0, 6);
  }
  const auto goal = blind->hidden_parameter()->parameter(0);
  EXPECT_THAT(blind->observation(0), ElementsAre(3, 3));
  EXPECT_THAT(oracle->observation(0), ElementsAre(3, 3, goal[0], goal[1]));
}

TEST(GridGoalTest, ImpossibleSizesAreRefused) {
  for (const auto& [id, part] : std::vector<std::pair<std::string, std::string>>{
           {"family/grid-goal-v0?size=2", "size: expected 3 to 1000, got 2"},
           {"family/grid-goal-v0?limit=0", "limit: expected 1 to 1000000, got 0"},
           {"family/grid-goal-v0?size=2.5", "size: expected a whole number"},
           {"family/grid-goal-v0?width=2", "expected one of: size, limit; got width"}}) {
    EXPECT_THAT([&] { MakeListedEnvironment(id, {}); },
                ThrowsMessage<std::invalid_argument>(HasSubstr(part)));
  }
}

}  // namespace
}  // namespace longplay
