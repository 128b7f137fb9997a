// SPDX-License-Identifier: MIT
#include "datasets/tables/episode_rows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "datasets/data_error.h"
#include "datasets/tables/csv_table.h"

namespace longplay {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

EpisodeRows Cut(const std::string& text, const TableOptions& options = {}) {
  const StepTable table = ParseCsvTable(text, "t.csv");
  return CutEpisodes(table, ChooseColumns(table, options), options);
}

std::string Refusal(const std::string& text, const TableOptions& options = {}) {
  try {
    Cut(text, options);
  } catch (const DataError& error) {
    return error.where() + ": " + error.problem();
  }
  return "cut";
}

TEST(EpisodeRowsTest, NamesThatChangeEndAnEpisode) {
  const EpisodeRows cut = Cut("episode,obs,action,done\na,1,1,0\na,2,1,1\nb,3,1,0\n");
  EXPECT_THAT(cut.starts, ElementsAre(0, 2, 3));
  EXPECT_THAT(cut.terminated, ElementsAre(1, 0));
  EXPECT_THAT(cut.truncated, ElementsAre(0, 1));
  EXPECT_THAT(cut.notes, IsEmpty());
}

TEST(EpisodeRowsTest, FlagsEndAnEpisode) {
  const EpisodeRows cut = Cut(
      "obs,action,terminated,truncated\n1,1,1,0\n2,1,0,0\n3,1,0,1\n4,1,1,1\n5,1,0,0\n6,1,0,0\n");
  EXPECT_THAT(cut.starts, ElementsAre(0, 1, 3, 4, 6));
  EXPECT_THAT(cut.terminated, ElementsAre(1, 0, 1, 0));
  EXPECT_THAT(cut.truncated, ElementsAre(0, 1, 1, 1));
  EXPECT_THAT(cut.notes,
              ElementsAre("the last episode has no end flag: kept as a truncated one of 2 rows"));
}

// Old Gym's done: true at every end.
TEST(EpisodeRowsTest, DoneInEveryTruncatedRowMarksEndsOfBothKinds) {
  const EpisodeRows cut = Cut("obs,action,done,truncated\n1,1,1,0\n2,1,1,1\n3,1,1,1\n");
  EXPECT_THAT(cut.terminated, ElementsAre(1, 0, 0));
  EXPECT_THAT(cut.truncated, ElementsAre(0, 1, 1));
  ASSERT_EQ(cut.notes.size(), 1U);
  // Where a row is truncated and not done, both flags mean what they say.
  const EpisodeRows both = Cut("obs,action,done,truncated\n1,1,1,1\n2,1,0,1\n");
  EXPECT_THAT(both.terminated, ElementsAre(1, 0));
  EXPECT_THAT(both.truncated, ElementsAre(1, 1));
}

TEST(EpisodeRowsTest, WithoutTimeoutsAnEpisodeEndsWhereNextObservationsDoNotGoOn) {
  const EpisodeRows cut = Cut("obs,next_obs,action,done\n1,2,1,0\n2,3,1,0\n7,8,1,1\n9,10,1,0\n");
  EXPECT_THAT(cut.starts, ElementsAre(0, 2, 3, 4));
  EXPECT_THAT(cut.terminated, ElementsAre(0, 1, 0));
  EXPECT_THAT(cut.notes, ElementsAre("no timeouts: cut where next_obs does not continue"));
}

TEST(EpisodeRowsTest, WithNothingElseACounterThatStartsAgainIsAnEnd) {
  const EpisodeRows cut = Cut("obs,action,step\n1,1,0\n2,1,1\n3,1,0\n");
  EXPECT_THAT(cut.starts, ElementsAre(0, 2, 3));
  EXPECT_THAT(cut.notes, ElementsAre(HasSubstr("nothing but step says where episodes end"),
                                     HasSubstr("no terminals")));
}

TEST(EpisodeRowsTest, WithNothingAtAllRowsAreOneEpisode) {
  const EpisodeRows cut = Cut("obs,action\n1,1\n2,1\n");
  EXPECT_THAT(cut.starts, ElementsAre(0, 2));
  EXPECT_THAT(cut.truncated, ElementsAre(1));
  EXPECT_THAT(cut.notes, ElementsAre("nothing says where episodes end: all rows are one",
                                     "no terminals: every end counts as a time limit"));
}

TEST(EpisodeRowsTest, GroupsTakeRowsApartThatWereRecordedInTurn) {
  const std::string text =
      "robot,episode,obs,action\nr,1,10,0\ns,1,20,0\nr,1,11,0\ns,1,21,0\nr,2,12,0\ns,1,22,0\n";
  const EpisodeRows cut = Cut(text, {.group = "robot"});
  EXPECT_THAT(cut.order, ElementsAre(0, 2, 1, 3, 5, 4)) << "episodes in the order of first rows";
  EXPECT_THAT(cut.starts, ElementsAre(0, 2, 5, 6));
}

TEST(EpisodeRowsTest, AnEpisodeThatComesBackIsRefusedWithTheWayOut) {
  const std::string text = "who,episode,obs,action\na,1,1,1\nb,2,2,1\na,1,3,1\n";
  EXPECT_EQ(
      Refusal(text),
      "t.csv:4:episode: expected the rows of an episode one after another, got episode 1 "
      "again after a row of episode 2: sort the rows, or `longplay data import` takes --group "
      "COLUMN (rows of one robot or environment belong together; --group episode: every "
      "episode has a name of its own)");
  EXPECT_EQ(Cut(text, {.group = "who"}).episodes(), 2);
  EXPECT_EQ(Cut(text, {.group = "episode"}).episodes(), 2);
  EXPECT_THAT(Refusal("episode,who,obs,action\n1,a,1,1\n2,a,2,1\n1,a,3,1\n", {.group = "who"}),
              HasSubstr("t.csv:4:episode: "))
      << "in its group, too";
}

TEST(EpisodeRowsTest, ARobotThatChangesInAnEpisodeIsRefused) {
  const std::string text = "robot,episode,obs,action\na,1,1,1\nb,1,2,1\n";
  EXPECT_EQ(Refusal(text),
            "t.csv:3:robot: expected one robot in the rows of an episode, got b after a: `longplay "
            "data import` takes --group robot (each has episodes of its own) or --group none (it "
            "may change)");
  EXPECT_EQ(Cut(text, {.group = "robot"}).episodes(), 2);
  EXPECT_EQ(Cut(text, {.group = "none"}).episodes(), 1);
}

TEST(EpisodeRowsTest, AFlagInsideOfANamedEpisodeIsRefused) {
  const std::string text = "episode,obs,action,done\n1,1,1,1\n1,2,1,0\n";
  EXPECT_EQ(Refusal(text),
            "t.csv:2:done: expected an end in an episode's last row alone, got one where episode 1 "
            "goes on in line 3: `longplay data import` takes the episode alone with --terminals "
            "none, the flags alone with --episodes none");
  EXPECT_THAT(Cut(text, {.terminals = "none"}).starts, ElementsAre(0, 2));
  EXPECT_THAT(Cut(text, {.episodes = "none"}).starts, ElementsAre(0, 1, 2));
}

TEST(EpisodeRowsTest, ACounterAscendsInAnEpisode) {
  const std::string text = "episode,t,obs,action\n1,0,1,1\n1,1,2,1\n1,1,3,1\n2,0,4,1\n";
  EXPECT_EQ(Refusal(text),
            "t.csv:4:t: expected more than 1, a step of the same episode, in line 3, got 1: sort "
            "the rows, say where episodes end, or `longplay data import` takes --counter none (it "
            "counts no steps)");
  EXPECT_THAT(Cut(text, {.counter = "none"}).starts, ElementsAre(0, 3, 4));
}

TEST(EpisodeRowsTest, StatesAreCountedWithoutAStepForTheLast) {
  const std::string text = "obs,action,done\n1,1,0\n2,0,1\n3,0,1\n4,1,0\n5,0,1\n";
  const EpisodeRows cut = Cut(text, {.states = true});
  EXPECT_THAT(cut.order, ElementsAre(0, 1, 3, 4)) << "one state alone is no step";
  EXPECT_THAT(cut.starts, ElementsAre(0, 2, 4));
  EXPECT_THAT(cut.terminated, ElementsAre(0, 0));
  EXPECT_THAT(cut.truncated, ElementsAre(1, 1));
  EXPECT_FALSE(Cut(text).states) << "text is not read so unasked";
  EXPECT_THAT(Refusal("obs,action,done\n1,1,1\n", {.states = true}),
              HasSubstr("expected two or more states in a trajectory, got one in each"));
}

}  // namespace
}  // namespace longplay
