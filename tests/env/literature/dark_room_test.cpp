// SPDX-License-Identifier: MIT
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "env/environment.h"
#include "env/list/make_listed_environment.h"
#include "tests/env/fixture_file.h"

namespace longplay {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;
using RoomGoal = std::vector<double>;

constexpr double kPlusX = 0, kMinusX = 1, kPlusY = 2, kRest = 4;

std::unique_ptr<Environment> Room(const std::string& arguments,
                                  ParameterSet set = ParameterSet::kTraining) {
  auto room = MakeListedEnvironment("literature/dark-room-v0" + arguments, {.parameters = set});
  room->StartChain(0, 1);
  room->Reset(0, 1);
  return room;
}

RoomGoal GoalOf(const Environment& room) {
  const auto goal = room.hidden_parameter()->parameter(0);
  return {goal.begin(), goal.end()};
}

std::set<RoomGoal> RoomGoals(const std::string& arguments, ParameterSet set) {
  const auto room = Room(arguments, set);
  std::set<RoomGoal> goals;
  for (uint64_t seed = 0; seed < 3000; ++seed) {
    room->StartChain(0, seed);
    goals.insert(GoalOf(*room));
  }
  return goals;
}

StepOutcome Do(Environment& room, double action) {
  return room.Step(std::span(&action, 1), std::vector<uint8_t>{1})[0];
}

TEST(DarkRoomTest, ThreeGoalsToLearnAndOneToTestOfTheSmallestRoom) {
  const std::string least = "?size=2&goals=dicp";
  EXPECT_EQ(RoomGoals(least, ParameterSet::kTraining).size(), 3U);
  EXPECT_EQ(RoomGoals(least, ParameterSet::kHeldOut).size(), 1U);
}

// Goal 2 of DPT's list is (0, 2): two steps from the corner.
TEST(DarkRoomTest, EveryStepOnTheGoalEarnsOneAndNothingEnds) {
  const auto room = Room("?task=2");
  EXPECT_THAT(room->observation(0), ElementsAre(0, 0));
  std::vector<double> rewards;
  for (const double action : {kPlusY, kPlusY, kRest, kMinusX, kPlusX, kMinusX, kRest}) {
    const StepOutcome outcome = Do(*room, action);
    rewards.push_back(outcome.reward);
    EXPECT_FALSE(outcome.over());
  }
  EXPECT_THAT(rewards, ElementsAre(0, 1, 1, 1, 0, 1, 1));
}

TEST(DarkRoomTest, OnceIsOnceAnEpisode) {
  const auto room = Room("?task=2&reward=once");
  std::vector<double> rewards;
  for (int episode = 0; episode < 2; ++episode) {
    room->Reset(0, episode);
    for (const double action : {kPlusY, kPlusY, kRest, kPlusY}) {
      rewards.push_back(Do(*room, action).reward);
    }
  }
  EXPECT_THAT(rewards, ElementsAre(0, 1, 0, 0, 0, 1, 0, 0));
}

TEST(DarkRoomTest, TheGoalEndsAnEpisodeWhereItIsAskedTo) {
  const auto room = Room("?task=2&end=goal");
  EXPECT_FALSE(Do(*room, kPlusY).over());
  const StepOutcome outcome = Do(*room, kPlusY);
  EXPECT_EQ(outcome.reward, 1);
  EXPECT_TRUE(outcome.terminated);
}

TEST(DarkRoomTest, DptsGoalsAreInThePublishedOrder) {
  const auto goals = FixtureFile(LONGPLAY_SOURCE_DIR "/tests/env/fixtures/literature/lists.hdf5")
                         .Read<double>("dark_room_goals");
  std::set<RoomGoal> tests;
  for (int64_t task = 0; task < 100; ++task) {
    const RoomGoal expected = {goals[2 * task], goals[2 * task + 1]};
    EXPECT_EQ(GoalOf(*Room("?task=" + std::to_string(task))), expected) << task;
    if (task >= 80) tests.insert(expected);
  }
  EXPECT_EQ(RoomGoals("", ParameterSet::kHeldOut), tests);
  EXPECT_EQ(RoomGoals("", ParameterSet::kTraining).size(), 80u);
}

TEST(DarkRoomTest, DicpsTestGoalsAreThePublishedEight) {
  const std::string dicp = "?size=9&start=centre&limit=20&goals=dicp";
  EXPECT_THAT(RoomGoals(dicp, ParameterSet::kHeldOut),
              testing::UnorderedElementsAre(RoomGoal{4, 2}, RoomGoal{5, 6}, RoomGoal{6, 8},
                                            RoomGoal{7, 2}, RoomGoal{3, 6}, RoomGoal{0, 5},
                                            RoomGoal{5, 8}, RoomGoal{5, 4}));
  EXPECT_EQ(RoomGoals(dicp, ParameterSet::kTraining).size(), 73u);
}

TEST(DarkRoomTest, DrawnGoalsAreAllCells) {
  EXPECT_EQ(RoomGoals("?size=4&goals=drawn", ParameterSet::kHeldOut).size(), 16u);
}

TEST(DarkRoomTest, OnlyTheOracleSeesTheGoal) {
  const auto oracle = MakeListedEnvironment("literature/dark-room-oracle-v0?task=2", {});
  oracle->StartChain(0, 1);
  oracle->Reset(0, 1);
  EXPECT_THAT(oracle->observation(0), ElementsAre(0, 0, 0, 2));
}

TEST(DarkRoomTest, AListOfAnotherSizeIsRefused) {
  EXPECT_THAT([] { Room("?size=9"); },
              ThrowsMessage<std::invalid_argument>(HasSubstr("goals=dpt: expected size=10")));
  EXPECT_THAT([] { Room("?goals=drawn&task=3"); },
              ThrowsMessage<std::invalid_argument>(HasSubstr("where tasks are drawn")));
}

}  // namespace
}  // namespace longplay
