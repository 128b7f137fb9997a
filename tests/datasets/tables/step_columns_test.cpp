// SPDX-License-Identifier: MIT
#include "datasets/tables/step_columns.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "datasets/data_error.h"
#include "datasets/tables/csv_table.h"

namespace longplay {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> Names(const std::vector<const TableColumn*>& columns) {
  std::vector<std::string> names;
  for (const TableColumn* column : columns) names.push_back(column->name);
  return names;
}

std::string Refusal(const std::string& text, const TableOptions& options = {}) {
  try {
    ChooseColumns(ParseCsvTable(text, "t.csv"), options);
  } catch (const DataError& error) {
    return error.where() + ": " + error.problem();
  }
  return "chosen";
}

TEST(StepColumnsTest, NamesSayWhatColumnsAre) {
  const StepTable table = ParseCsvTable(
      "stamp,episode,step,obs_0,obs_1,action_0,action_1,reward,terminated,truncated,next_obs_1,"
      "next_obs_0\n0,1,0,1,2,3,4,5,0,1,7,6\n",
      "t.csv");
  const StepColumns columns = ChooseColumns(table, {});
  EXPECT_THAT(Names(columns.observations), ElementsAre("obs_0", "obs_1"));
  EXPECT_THAT(Names(columns.next_observations), ElementsAre("next_obs_0", "next_obs_1"))
      << "in the order of the observations";
  EXPECT_THAT(Names(columns.actions), ElementsAre("action_0", "action_1"));
  EXPECT_EQ(columns.rewards->name, "reward");
  EXPECT_EQ(columns.terminals->name, "terminated");
  EXPECT_EQ(columns.timeouts->name, "truncated");
  EXPECT_EQ(columns.episodes->name, "episode");
  EXPECT_EQ(columns.counter->name, "step");
  EXPECT_EQ(columns.group, nullptr);
  EXPECT_THAT(columns.left_out, ElementsAre("stamp"));
  EXPECT_THAT(
      columns.guessed,
      ElementsAre("observations = obs_0, obs_1", "next_observations = next_obs_0, next_obs_1",
                  "actions = action_0, action_1", "rewards = reward", "terminals = terminated",
                  "timeouts = truncated", "episodes = episode", "counter = step"));
}

TEST(StepColumnsTest, OptionsNameThem) {
  const StepTable table =
      ParseCsvTable("q0,q1,v0,u,r,stop,run,who,step\n1,2,3,4,5,0,a,b,9\n", "t.csv");
  const StepColumns columns = ChooseColumns(table, {.observations = {"v0", "q*"},
                                                    .actions = {"u"},
                                                    .rewards = "r",
                                                    .terminals = "stop",
                                                    .episodes = "run",
                                                    .group = "who",
                                                    .counter = "none"});
  EXPECT_THAT(Names(columns.observations), ElementsAre("v0", "q0", "q1"));
  EXPECT_THAT(Names(columns.actions), ElementsAre("u"));
  EXPECT_EQ(columns.rewards->name, "r");
  EXPECT_EQ(columns.terminals->name, "stop");
  EXPECT_EQ(columns.episodes->name, "run");
  EXPECT_EQ(columns.group->name, "who");
  EXPECT_EQ(columns.counter, nullptr);
  EXPECT_THAT(columns.left_out, ElementsAre("step"));
  EXPECT_THAT(columns.guessed, IsEmpty());
}

TEST(StepColumnsTest, NoneLeavesAColumnOutWhateverItsName) {
  const StepTable table = ParseCsvTable("obs,action,reward,done\n1,2,3,1\n", "t.csv");
  const StepColumns columns = ChooseColumns(table, {.rewards = "none", .terminals = "none"});
  EXPECT_EQ(columns.rewards, nullptr);
  EXPECT_EQ(columns.terminals, nullptr);
  EXPECT_THAT(columns.left_out, ElementsAre("reward", "done"));
}

TEST(StepColumnsTest, NextObservationsHaveTheirNames) {
  const StepTable table = ParseCsvTable("x,y,next_y,next_x,u\n1,2,4,3,5\n", "t.csv");
  const StepColumns columns = ChooseColumns(table, {.observations = {"x", "y"}, .actions = {"u"}});
  EXPECT_THAT(Names(columns.next_observations), ElementsAre("next_x", "next_y"));
  const StepTable half = ParseCsvTable("x,y,next_x,u\n1,2,3,5\n", "t.csv");
  const StepColumns without = ChooseColumns(half, {.observations = {"x", "y"}, .actions = {"u"}});
  EXPECT_THAT(without.next_observations, IsEmpty());
  EXPECT_THAT(without.left_out, ElementsAre("next_x")) << "half of them are none";
}

TEST(StepColumnsTest, AColumnUsedAsAnObservationCountsNoSteps) {
  const StepTable table = ParseCsvTable("t,u\n20.5,1\n20.4,1\n", "t.csv");
  EXPECT_EQ(ChooseColumns(table, {.observations = {"t"}, .actions = {"u"}}).counter, nullptr);
}

TEST(StepColumnsTest, AColumnThatIsNotThereIsNamedWithThoseThatAre) {
  EXPECT_EQ(Refusal("x,y,push\n1,2,3\n", {.observations = {"x", "z"}, .actions = {"push"}}),
            "t.csv: expected a column z, got x, y, push");
  EXPECT_EQ(Refusal("x,y\n1,2\n"),
            "t.csv: expected observations (observations, obs, obs_0 ...), got the columns x, y: "
            "`longplay data import` takes --observations NAME,NAME");
  EXPECT_EQ(Refusal("obs,y\n1,2\n"),
            "t.csv: expected actions (actions, action, action_0 ...), got the columns obs, y: "
            "`longplay data import` takes --actions NAME,NAME");
  EXPECT_EQ(Refusal("obs,action,reward_a,reward_b\n1,2,3,4\n"),
            "t.csv: expected one column of rewards, got reward_a, reward_b: --rewards names it (or "
            "none)");
}

TEST(StepColumnsTest, CellsOfStepsAreNumbers) {
  EXPECT_EQ(Refusal("obs,action,reward\n1,2,3\n1,2,\n"),
            "t.csv:3:reward: expected a number, got nothing");
  EXPECT_EQ(Refusal("obs;action\n1,5;2.5\n"),
            "t.csv:action: expected decimals after ',' as in obs, got '.'");
  EXPECT_EQ(Refusal("obs,action,next_x\n1,2,3\n", {.next_observations = {"next_x", "obs"}}),
            "t.csv:next_x: expected as many next observations as observations, 1, got 2");
}

}  // namespace
}  // namespace longplay
