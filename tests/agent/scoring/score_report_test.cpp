// SPDX-License-Identifier: MIT
#include "agent/scoring/score_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace longplay {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

PlayedSystem System(const std::string& name, const std::vector<std::vector<double>>& returns,
                    const std::vector<std::vector<double>>& control = {}) {
  PlayedTask task{.name = "goal", .contexts = {}, .control = {}};
  for (const auto& own : returns) {
    task.contexts.push_back(
        {.run = "", .seed = std::to_string(task.contexts.size()), .returns = own});
  }
  for (const auto& own : control) {
    task.control.push_back(
        {.run = "", .seed = std::to_string(task.control.size()), .returns = own});
  }
  return {name, {task}};
}

SystemScores Two() {
  return ScoreSystems(
      {System("tries", {{4, 1}, {3, 6}, {2, 2}, {1, 3}}),
       System("learns", {{1, 9}, {3, 9}, {2, 9}, {2, 9}}, {{1, 2}, {3, 2}, {2, 2}, {2, 2}})},
      {});
}

TEST(ScoreReportTest, TheFindingNamesTheBestItsControlAndTheTriesItHasToBeat) {
  EXPECT_EQ(
      ScoreFinding(Two()),
      "learns earns most in the last of 2 episodes: 9.00 [9.00, 9.00]; after the episodes of "
      "another task it earns 2.00 [2.00, 2.00]; less the best of 2 tries of tries: +5.25 [3.75, "
      "6.50].");
}

TEST(ScoreReportTest, ASectionOfATaskHasThreeChartsAndItsTable) {
  const Report report = ScoreReport(Two(), "longplay score x.csv");
  EXPECT_EQ(report.summary, ScoreFinding(Two()));
  ASSERT_THAT(report.sections, SizeIs(2));
  const ReportSection& section = report.sections[0];
  EXPECT_EQ(section.title, "goal");
  ASSERT_THAT(section.charts, SizeIs(3));
  EXPECT_THAT(section.charts[0].series[1].y, ElementsAre(2, 9));
  EXPECT_THAT(section.charts[0].levels, SizeIs(1));
  EXPECT_THAT(section.charts[1].series[0].y, ElementsAre(2.5, 3.75));
  EXPECT_THAT(section.charts[2].series[0].y, ElementsAre(2.5, 2.75));
  for (const Chart& chart : section.charts) CheckChart(chart);
  ASSERT_THAT(section.tables[0].rows, SizeIs(2));
  EXPECT_EQ(section.tables[0].rows[0].size(), section.tables[0].header.size());
  EXPECT_EQ(section.tables[0].header.back(), "last, less best of n of tries");
  EXPECT_THAT(report.sections[1].text, HasSubstr("--normalise goal=LOW,HIGH"));
}

TEST(ScoreReportTest, NamedTrainingsAddTheChartOfTheBestOfThem) {
  PlayedSystem system = System("learns", {{1, 9}, {3, 7}});
  system.tasks[0].contexts[0].run = "0";
  system.tasks[0].contexts[1].run = "1";
  const Report report = ScoreReport(ScoreSystems({system}, {}), "");
  ASSERT_THAT(report.sections[0].charts, SizeIs(4));
  EXPECT_THAT(report.sections[0].charts[3].series[0].y, ElementsAre(8, 8.5));
  CheckChart(report.sections[0].charts[3]);
}

TEST(ScoreReportTest, TheTextHasALineForEachSystem) {
  const std::string text = SystemScoreText(Two());
  EXPECT_THAT(text, HasSubstr("\n  tries: first 2.50 "));
  EXPECT_THAT(text, HasSubstr("\n  learns: first 2.00 "));
  EXPECT_THAT(text, HasSubstr("after another task 2.00 [2.00, 2.00]"));
}

}  // namespace
}  // namespace longplay
