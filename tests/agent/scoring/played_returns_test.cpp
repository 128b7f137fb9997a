// SPDX-License-Identifier: MIT
#include "agent/scoring/played_returns.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "datasets/data_error.h"
#include "tests/temporary_folder.h"

namespace longplay {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::string Table(const std::string& name, const std::string& text) {
  const std::string path = TemporaryPath(name);
  std::ofstream(path) << text;
  return path;
}

std::string Refusal(const std::string& text) {
  try {
    ReadPlayedReturns({Table("x.csv", text)});
  } catch (const DataError& error) {
    const std::string what = error.what();
    return what.substr(what.rfind("/x.csv") + 1);
  }
  return "accepted";
}

TEST(PlayedReturnsTest, RowsOfASeedAreOneContextWhateverTheirOrder) {
  const auto systems =
      ReadPlayedReturns({Table("mine.csv",
                               "task,seed,episode,return\n"
                               "a,7,1,20\na,7,0,10\nb,1,0,5\na,8,0,30\na,8,1,40\n")});
  ASSERT_THAT(systems, SizeIs(1));
  EXPECT_EQ(systems[0].name, "mine");
  ASSERT_THAT(systems[0].tasks, SizeIs(2));
  const PlayedTask& task = systems[0].tasks[0];
  EXPECT_EQ(task.name, "a");
  EXPECT_EQ(task.episodes(), 2U);
  ASSERT_THAT(task.contexts, SizeIs(2));
  EXPECT_EQ(task.contexts[0].seed, "7");
  EXPECT_THAT(task.contexts[0].returns, ElementsAre(10, 20));
  EXPECT_THAT(task.contexts[1].returns, ElementsAre(30, 40));
  EXPECT_THAT(task.control, IsEmpty());
  EXPECT_THAT(systems[0].tasks[1].contexts[0].returns, ElementsAre(5));
}

TEST(PlayedReturnsTest, SystemsRunsAndControlsHaveColumns) {
  const auto systems =
      ReadPlayedReturns({Table("all.csv",
                               "system;task;run;seed;episode;return;control\n"
                               "old;a;0;s;1;1;0\nnew;a;0;s;1;2;0\nnew;a;1;s;1;3;0\n"
                               "new;a;0;s;1;4;1\n")});
  ASSERT_THAT(systems, SizeIs(2));
  EXPECT_EQ(systems[0].name, "old");
  const PlayedTask& task = systems[1].tasks[0];
  ASSERT_THAT(task.contexts, SizeIs(2));
  EXPECT_EQ(task.contexts[1].run, "1");
  EXPECT_THAT(task.contexts[1].returns, ElementsAre(3));
  ASSERT_THAT(task.control, SizeIs(1));
  EXPECT_THAT(task.control[0].returns, ElementsAre(4));
}

TEST(PlayedReturnsTest, WhatIsWrongIsNamedWithItsLine) {
  const std::string head = "task,seed,episode,return\n";
  EXPECT_EQ(Refusal("task,seed,return\na,1,2\n"),
            "x.csv: expected the columns task, seed, episode and return, got task, seed, return");
  EXPECT_THAT(Refusal(head + "a,1,0,2\na,1,0,3\n"),
              HasSubstr("x.csv:3:episode: expected each episode of a seed once, got 0 again"));
  EXPECT_EQ(Refusal(head + "a,1,0,2\na,1,2,3\n"),
            "x.csv:2:episode: expected episode 1 of seed 1, got none");
  EXPECT_EQ(Refusal(head + "a,1,2,2\n"),
            "x.csv:2:episode: expected episodes from 0 or 1 on, got 2");
  EXPECT_EQ(Refusal(head + "a,1,0.5,2\n"),
            "x.csv:2:episode: expected a whole number from 0, got 0.500000");
  EXPECT_EQ(Refusal(head + "a,1,0,2\na,1,1,2\na,2,0,2\n"),
            "x.csv:4:episode: expected 2 episodes of every seed of a task, got 1 of seed 2");
  EXPECT_EQ(Refusal(head + "a,1,0,high\n"), "x.csv:2:return: expected a finite number, got high");
  EXPECT_EQ(Refusal("task,seed,episode,return,control\na,1,0,2,1\n"),
            "x.csv:2:episode: expected rows of x without control, too, got none");
}

}  // namespace
}  // namespace longplay
