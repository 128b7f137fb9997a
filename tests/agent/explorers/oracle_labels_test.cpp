// SPDX-License-Identifier: MIT
#include "agent/explorers/oracle_labels.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>
#include <string>
#include <vector>

#include "agent/explorers/literature_anchors.h"
#include "env/list/make_listed_environment.h"

namespace longplay {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::ThrowsMessage;

/// What was seen and earned, one observation more than rewards; actions are none of the oracle's
/// business.
Episode Recorded(const std::vector<double>& cells, const std::vector<double>& rewards) {
  return {.observation_size = 2,
          .action_columns = 1,
          .observations = cells,
          .actions = std::vector<double>(rewards.size(), 0),
          .rewards = rewards};
}

OracleLabels LabelsOf(Environment& environment) {
  return {environment, MakeAnchor("any_way", environment)};
}

// The way to the goal from each cell that was seen, whatever was done there: 0 x + 1, 1 x - 1,
// 2 y + 1, 3 y - 1, 4 stay.
TEST(OracleLabelsTest, EveryStepIsToldTheWayToTheGoal) {
  const auto environment = MakeListedEnvironment("literature/dark-room-v0?task=7", {.threads = 1});
  environment->StartChain(0, 5);
  const auto goal = environment->hidden_parameter()->parameter(0);
  const double x = goal[0], y = goal[1];
  OracleLabels labels = LabelsOf(*environment);
  const InfoArray found =
      labels.Of(Recorded({x - 1, y, x + 1, y, x, y - 1, x, y + 1, x, y, 0, 0}, {0, 0, 0, 0, 1}), 5);
  EXPECT_EQ(found.type, "int64");
  EXPECT_THAT(found.row_shape, IsEmpty());
  EXPECT_THAT(found.values, ElementsAre(0, 1, 2, 3, 4));
}

// Where two actions are best, each is drawn half of the time; the same seed draws the same.
TEST(OracleLabelsTest, OfTwoBestActionsBothAreDrawn) {
  const auto environment = MakeListedEnvironment("literature/dark-room-v0?task=7", {.threads = 1});
  environment->StartChain(0, 5);
  const auto goal = environment->hidden_parameter()->parameter(0);
  constexpr int kSteps = 1000;
  std::vector<double> cells;
  for (int t = 0; t <= kSteps; ++t) cells.insert(cells.end(), {goal[0] - 2, goal[1] + 2});
  const Episode episode = Recorded(cells, std::vector<double>(kSteps, 0));
  const std::vector<double> drawn = LabelsOf(*environment).Of(episode, 5).values;
  EXPECT_NEAR(std::ranges::count(drawn, 0), kSteps / 2, 80);  // deviation 16
  EXPECT_EQ(std::ranges::count(drawn, 0) + std::ranges::count(drawn, 3), kSteps);
  EXPECT_EQ(LabelsOf(*environment).Of(episode, 5).values, drawn);
  EXPECT_NE(LabelsOf(*environment).Of(episode, 6).values, drawn);
}

TEST(OracleLabelsTest, WithTheKeyTheWayLeadsToTheDoorAndAgainInTheNextEpisode) {
  const auto environment =
      MakeListedEnvironment("literature/dark-key-to-door-v0?task=11", {.threads = 1});
  environment->StartChain(0, 5);
  const auto goals = environment->hidden_parameter()->parameter(0);
  const double key = goals[0], door = goals[2];
  OracleLabels labels = LabelsOf(*environment);
  // Beside the key; at it, with the reward; beside the door.
  for (int episode = 0; episode < 2; ++episode) {
    const InfoArray found = labels.Of(
        Recorded({key + 1, goals[1], door, goals[3] + 1, door + 1, goals[3], 0, 0}, {1, 0, 1}), 5);
    EXPECT_THAT(found.values, ElementsAre(1, 3, 1)) << episode;
  }
}

// A history's seed draws its goal; the same seed goes on with it.
TEST(OracleLabelsTest, EveryHistoryHasAGoalOfItsOwn) {
  const auto environment = MakeListedEnvironment("literature/dark-room-v0", {.threads = 1});
  OracleLabels labels = LabelsOf(*environment);
  for (uint64_t seed = 1; seed < 20; ++seed) {
    const auto told = MakeListedEnvironment("literature/dark-room-v0", {.threads = 1});
    told->StartChain(0, seed);
    const auto goal = told->hidden_parameter()->parameter(0);
    // In the goal's row there is one way alone.
    const double way = goal[0] > 4 ? 0 : goal[0] < 4 ? 1 : 4;
    for (int episode = 0; episode < 2; ++episode) {
      EXPECT_THAT(labels.Of(Recorded({4, goal[1], 4, goal[1]}, {0}), seed).values,
                  ElementsAre(way));
    }
  }
}

TEST(OracleLabelsTest, ContinuousActionsStandInRows) {
  const auto environment =
      MakeListedEnvironment("literature/point-robot-v0?task=45", {.threads = 1});
  OracleLabels labels = LabelsOf(*environment);
  const InfoArray found = labels.Of({.observation_size = 2,
                                     .action_columns = 2,
                                     .observations = {0, 0, -0.5005, 0.9, 0, 0},
                                     .actions = {0, 0, 0, 0},
                                     .rewards = {0, 0}},
                                    1);
  EXPECT_EQ(found.type, "float64");
  EXPECT_THAT(found.row_shape, ElementsAre(2));
  // The goal is at (-0.5005, 0.9529), a step at most 0.1 along an axis.
  EXPECT_THAT(found.values,
              ElementsAre(-1, 1, testing::DoubleNear(0, 1e-3), testing::DoubleNear(0.529, 1e-3)));
}

TEST(OracleLabelsTest, ATaskWithoutAnOracleIsRefused) {
  const auto environment = MakeListedEnvironment("family/fog-v0", {.threads = 1});
  EXPECT_THAT([&] { LabelsOf(*environment); },
              ThrowsMessage<std::invalid_argument>(HasSubstr("any_way: expected")));
}

}  // namespace
}  // namespace longplay
