// SPDX-License-Identifier: MIT
#include "datasets/tables/table_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "datasets/data_error.h"
#include "datasets/tables/csv_table.h"

namespace longplay {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// What a whole reading says: problems, each with its place.
std::vector<std::string> Problems(const std::string& text, const TableOptions& options = {}) {
  ProblemLog log(ProblemLog::Mode::kCollect);
  log.Attempt([&] {
    TableReader reader(ParseCsvTable(text, "t.csv"), options);
    SurveyAll(reader, log, [] {});
  });
  std::vector<std::string> texts;
  for (const Problem& problem : log.problems()) {
    texts.push_back(problem.where + ": " + problem.problem);
  }
  return texts;
}

TEST(TableReaderTest, EpisodesHoldTheRowsOfTheirColumns) {
  const TableReader reader(
      ParseCsvTable("episode,obs_0,obs_1,action_0,action_1,reward,done\n1,1,2,0.5,0,1,0\n"
                    "1,3,4,-0.5,0.25,2,1\n2,5,6,0,1,3,0\n",
                    "t.csv"),
      {.environment = "Toy-v0"});
  EXPECT_EQ(reader.info().format, "csv");
  EXPECT_EQ(reader.info().environment, "Toy-v0");
  EXPECT_EQ(reader.info().episodes, 2);
  EXPECT_EQ(reader.info().steps, 3);
  EXPECT_EQ(reader.info().observation_type, "float64") << "whole by chance";
  ASSERT_EQ(reader.info().observation_parts.size(), 2U);
  EXPECT_EQ(reader.info().observation_parts[1].name, "obs_1");
  Episode episode;
  reader.Read(0, episode);
  EXPECT_THAT(episode.observations, ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(episode.actions, ElementsAre(0.5, 0, -0.5, 0.25));
  EXPECT_THAT(episode.rewards, ElementsAre(1, 2));
  EXPECT_TRUE(episode.terminated && !episode.truncated && !episode.has_final_observation());
  reader.Read(1, episode);
  EXPECT_TRUE(episode.truncated && !episode.terminated);
  EXPECT_THROW(reader.Read(2, episode), std::out_of_range);
}

TEST(TableReaderTest, TheLastNextObservationIsTheFinalOne) {
  const std::string head = "obs,next_obs,action,done,truncated\n";
  const TableReader reader(ParseCsvTable(head + "1,2,0.5,0,0\n2,3,0.5,1,0\n", "t.csv"), {});
  Episode episode;
  reader.Read(0, episode);
  EXPECT_THAT(episode.observations, ElementsAre(1, 2, 3));
  const TableReader unknown(ParseCsvTable(head + "1,nan,0.5,0,1\n", "t.csv"), {});
  unknown.Read(0, episode);
  EXPECT_THAT(episode.observations, ElementsAre(1)) << "nan: not recorded";
}

TEST(TableReaderTest, OneColumnOfWholeNumbersIsDiscrete) {
  const TableReader discrete(ParseCsvTable("obs,action\n1,0\n2,3\n", "t.csv"), {});
  EXPECT_EQ(discrete.info().action_kind, ActionKind::kDiscrete);
  EXPECT_EQ(discrete.info().action_size, 4);
  EXPECT_EQ(discrete.info().action_type, "int64");
  const TableReader asked(ParseCsvTable("obs,action\n1,0\n2,3\n", "t.csv"),
                          {.action_kind = ActionKind::kContinuous});
  EXPECT_EQ(asked.info().action_kind, ActionKind::kContinuous);
  EXPECT_EQ(asked.info().action_type, "float64") << "integers would be read back as discrete";
  const TableReader two(ParseCsvTable("obs,action_0,action_1\n1,0,1\n", "t.csv"), {});
  EXPECT_EQ(two.info().action_kind, ActionKind::kContinuous);
}

TEST(TableReaderTest, DiscreteActionsMayBeBelowZeroWhereThatIsAskedFor) {
  const std::string text = "obs,action\n1,-1\n2,1\n";
  const TableReader guessed(ParseCsvTable(text, "t.csv"), {});
  EXPECT_EQ(guessed.info().action_kind, ActionKind::kContinuous);
  const TableReader asked(ParseCsvTable(text, "t.csv"), {.action_kind = ActionKind::kDiscrete});
  EXPECT_EQ(asked.info().action_start, -1);
  EXPECT_EQ(asked.info().action_size, 3);
  Episode episode;
  asked.Read(0, episode);
  EXPECT_THAT(episode.actions, ElementsAre(0, 2));
  EXPECT_THAT(Problems("obs,action\n1,0.5\n", {.action_kind = ActionKind::kDiscrete}),
              ElementsAre("t.csv:2:action: expected a whole number, a discrete action, got 0.5"));
}

TEST(TableReaderTest, ValuesThatAreNotFiniteAreNamedByTheirLine) {
  EXPECT_THAT(Problems("obs,action,reward,done,truncated\n1,0.5,inf,0,0\n1,nan,1,1,0\n"),
              ElementsAre("t.csv:3:action: expected a finite number, got nan",
                          "t.csv:2:reward: expected a finite number, got inf"));
}

TEST(TableReaderTest, NextObservationsThatDoNotGoOnAreCounted) {
  EXPECT_THAT(Problems("episode,obs,next_obs,action,reward,done\n1,1,2,.5,1,0\n1,5,6,.5,1,0\n"
                       "1,7,8,.5,1,1\n"),
              ElementsAre("t.csv:2:next_obs: is not what the next row observes, though no episode "
                          "ends here: rows of several recordings in turn, episodes joined without "
                          "an end, or shifted by a row? (and 1 more)"));
}

TEST(TableReaderTest, EndsThatTheNextRowContinuesAreCounted) {
  EXPECT_THAT(
      Problems("obs,next_obs,action,reward,done,truncated\n1,2,.5,1,1,0\n2,3,.25,1,1,0\n"),
      ElementsAre(
          "t.csv:2:next_obs: an episode ends here, but the next row goes on from it: an end "
          "flag at every row of a goal that is reached and kept?"));
}

TEST(TableReaderTest, WhatWasChosenAndLeftOutIsTold) {
  const TableReader reader(ParseCsvTable("stamp,obs,action,\n1,2,3,\n", "t.csv"), {});
  EXPECT_EQ(reader.Guesses(), "observations = obs; actions = action");
  std::vector<std::string> names;
  for (const LeftOut& column : reader.LeftOutColumns()) names.push_back(column.name);
  EXPECT_THAT(names, ElementsAre("stamp", "a column without a name"));
  EXPECT_THAT(reader.ReadPhysics(0).rows, IsEmpty());
}

}  // namespace
}  // namespace longplay
