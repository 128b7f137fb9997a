// SPDX-License-Identifier: MIT
#include "agent/summary/comparison_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <sstream>

#include "agent/summary/comparison_summary.h"
#include "tests/agent/summary/small_comparison.h"
#include "tests/temporary_folder.h"

namespace longplay {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

std::string Html(const Comparison& comparison, const std::string& status = "complete") {
  WriteReport(ComparisonReport(comparison, status), TemporaryPath("report.html"));
  std::ostringstream text;
  text << std::ifstream(TemporaryPath("report.html")).rdbuf();
  return text.str();
}

std::string Csv(const Comparison& comparison) {
  WriteReportCsv(ComparisonReport(comparison, "complete"), TemporaryPath("report.csv"));
  std::ostringstream text;
  text << std::ifstream(TemporaryPath("report.csv")).rdbuf();
  return text.str();
}

TEST(ComparisonSummaryTest, SeveralTrainingRunsAreTheSample) {
  const RowSummary row = Summarise(SmallComparison(), 1, 0, Budget::kTokens);
  ASSERT_TRUE(row.play);
  EXPECT_EQ(row.runs, 2);
  EXPECT_DOUBLE_EQ(row.play->first.value, 10.5);
  EXPECT_DOUBLE_EQ(row.play->last.value, 15.5);
  EXPECT_DOUBLE_EQ(row.play->last.low, 15);  // the lower of two runs, not an evaluation seed
  EXPECT_DOUBLE_EQ(row.play->last.high, 16);
  EXPECT_DOUBLE_EQ(row.play->mean.value, 13);
  EXPECT_DOUBLE_EQ(row.play->best.value, 15.5);
}

// "2 episodes" once read 0 here: a policy was scored on what it never saw in training.
TEST(ComparisonSummaryTest, ARowIsScoredOnItsLastEpisodeWithinTraining) {
  const Comparison comparison = LongerThanTrained();
  const RowSummary two = Summarise(comparison, 1, 0, Budget::kSteps);
  EXPECT_EQ(two.play->scored_episode, 2U);
  EXPECT_DOUBLE_EQ(two.play->last.value, 21.5);
  EXPECT_DOUBLE_EQ(two.play->mean.value, (5 + 21.5) / 2);
  EXPECT_DOUBLE_EQ(two.play->best.value, 21.5);
  EXPECT_DOUBLE_EQ(two.play->difference->value, 14);
  ASSERT_TRUE(two.play->beyond);  // the reference is compared in episode 2, played as any other
  EXPECT_DOUBLE_EQ(two.play->beyond->value, 0);
  ASSERT_EQ(two.play->by_episode.size(), 3U);
  const RowSummary one = Summarise(comparison, 0, 0, Budget::kSteps);
  EXPECT_DOUBLE_EQ(one.play->last.value, 5);
  EXPECT_FALSE(one.play->beyond);
}

// Beside other programs one run's took 100 ms in place of 0.16, and the report said 348 times.
TEST(ComparisonSummaryTest, TheTimeOfAnActionIsTheLeastOfTheRuns) {
  Comparison comparison = SmallComparison();
  comparison.runs[1].outcome->milliseconds_per_action = 0.25;
  comparison.runs[3].outcome->milliseconds_per_action = 100;
  EXPECT_EQ(Summarise(comparison, 1, 0, Budget::kSteps).milliseconds_per_action, 0.25);
}

TEST(ComparisonReportTest, WhatWasMeasuredWhileTrainingHasItsCharts) {
  Comparison comparison = SmallComparison();
  EXPECT_THAT(Html(comparison), Not(HasSubstr("Return while training")));
  // Row 1 was measured three times from seed 0 and, since it went on later, twice from seed 1.
  comparison.runs[1].outcome->measured["return_last"] = {.steps = {2, 4, 6}, .values = {1, 3, 5}};
  comparison.runs[3].outcome->measured["return_last"] = {.steps = {4, 6}, .values = {5, 9}};
  comparison.runs[1].outcome->measured["validation_loss"] = {.steps = {2}, .values = {0.5}};
  const RowSummary row = Summarise(comparison, 1, 0, Budget::kSteps);
  const MeasuredCurve& curve = row.measured.at("return_last");
  EXPECT_EQ(curve.steps, (std::vector<double>{4, 6}));
  EXPECT_DOUBLE_EQ(curve.values[0].value, 4);
  EXPECT_DOUBLE_EQ(curve.values[1].value, 7);
  EXPECT_EQ(curve.values[1].runs, (std::vector<double>{5, 9}));
  EXPECT_FALSE(row.measured.contains("validation_loss"));  // from one seed of two
  EXPECT_TRUE(Summarise(comparison, 0, 0, Budget::kSteps).measured.empty());

  EXPECT_THAT(Html(comparison), HasSubstr("Return while training, equal gradient steps"));
  const nlohmann::json json = RowsToJson(comparison);
  EXPECT_EQ(json[1]["while_training"]["return_last"]["values"][0]["mean"], 4);
  EXPECT_TRUE(json[0]["while_training"].empty());
}

TEST(ComparisonReportTest, WhatIsBeyondTrainingStandsApart) {
  const Comparison comparison = LongerThanTrained();
  const std::string html = Html(comparison);
  for (const char* part :
       {"at 3 episodes (beyond training)", "class=\"beyond\"", "</svg>beyond training</li>",
        "last episode (beyond training)",
        "A context of 2 episodes is best: return 21.5 against 7.5 with 1 episode, a difference of "
        "+14.0 (95 % interval 14.0 to 14.0, 4 training seeds each)."}) {
    EXPECT_THAT(html, HasSubstr(part));
  }
  const nlohmann::json rows = RowsToJson(comparison);
  EXPECT_EQ(rows[1]["scored_episode"], 2);
  EXPECT_EQ(rows[1]["by_episode"].size(), 2U);
  EXPECT_EQ(rows[1]["beyond_training"]["from_episode"], 3);
  EXPECT_EQ(rows[1]["beyond_training"]["last"]["mean"], 0);
  EXPECT_EQ(rows[1]["beyond_training"]["by_episode"].size(), 1U);
  EXPECT_TRUE(rows[0]["beyond_training"].is_null());
  EXPECT_EQ(rows[0]["by_episode"].size(), 3U);
  EXPECT_THAT(Csv(comparison), HasSubstr("2 episodes (beyond training),3,0,"));
}

TEST(ComparisonSummaryTest, EqualSeedsArePaired) {
  const Comparison comparison = SmallComparison();
  const RowSummary row = Summarise(comparison, 1, 0, Budget::kSteps);
  ASSERT_TRUE(row.play->difference);
  EXPECT_DOUBLE_EQ(row.play->difference->value, 10);
  EXPECT_DOUBLE_EQ(row.play->difference->low, 10);  // both seeds differ by the same
  EXPECT_FALSE(Summarise(comparison, 0, 0, Budget::kSteps).play->difference);
}

TEST(ComparisonSummaryTest, FewRunsHaveARangeAndNoProbability) {
  const RowSummary few = Summarise(SmallComparison(), 1, 0, Budget::kSteps);
  EXPECT_EQ(few.play->last.spread, Spread::kRange);
  EXPECT_EQ(few.play->last.runs, (std::vector<double>{15, 16}));
  EXPECT_FALSE(few.play->improvement);
  EXPECT_THAT(Html(SmallComparison()),
              AllOf(HasSubstr("too few for an interval"), HasSubstr("class=\"dot\""),
                    HasSubstr("15.5 (15.0 to 16.0)"), Not(HasSubstr("probability"))));
  const RowSummary four = Summarise(LongerThanTrained(), 1, 0, Budget::kSteps);
  EXPECT_EQ(four.play->last.spread, Spread::kInterval);
  EXPECT_DOUBLE_EQ(four.play->improvement->value, 1);
  EXPECT_THAT(Html(LongerThanTrained()),
              AllOf(HasSubstr("probability of improvement"), Not(HasSubstr("class=\"dot\""))));
}

TEST(ComparisonSummaryTest, RunsThatAreNotDoneAreLeftOut) {
  Comparison comparison = SmallComparison();
  comparison.runs[2].outcome.reset();  // the reference's second seed
  const RowSummary row = Summarise(comparison, 1, 0, Budget::kSteps);
  EXPECT_DOUBLE_EQ(row.play->last.value, 15.5);
  EXPECT_DOUBLE_EQ(row.play->difference->value, 10);
  for (ComparedRun& run : comparison.runs) run.outcome.reset();
  EXPECT_FALSE(Summarise(comparison, 1, 0, Budget::kSteps).play);
  EXPECT_THAT(Html(comparison, "running"),
              AllOf(HasSubstr("http-equiv=\"refresh\""), HasSubstr(">No run is done, so there")));
}

TEST(ComparisonSummaryTest, OneTrainingRunHasIntervalsOverEvaluationSeedsAndSaysSo) {
  Comparison comparison = SmallComparison();
  comparison.seeds = {0};
  comparison.runs.resize(2);
  for (ComparedRun& run : comparison.runs) {
    run.outcome->returns.insert(run.outcome->returns.end(), {{14, 14}, {16, 16}});
  }
  const RowSummary row = Summarise(comparison, 1, 0, Budget::kSteps);
  EXPECT_EQ(row.play->last.spread, Spread::kInterval);
  EXPECT_GE(row.play->last.low, 14);
  EXPECT_LE(row.play->last.high, 16);
  EXPECT_FALSE(row.play->improvement);
  EXPECT_THAT(Html(comparison),
              AllOf(HasSubstr("say nothing about training"),
                    HasSubstr(">One training seed cannot tell which length is best.")));
}

TEST(ComparisonSummaryTest, OfHeldOutErrorsTheSmallerIsBetter) {
  Comparison comparison = SmallComparison();
  comparison.tasks[0].environment = "";
  for (ComparedRun& run : comparison.runs) {
    run.outcome->errors = {{0.5 + 0.1 * static_cast<double>(run.row), NAN}, {0.5, 0.25}};
    run.outcome->returns = {};
  }
  const RowSummary row = Summarise(comparison, 1, 0, Budget::kSteps);
  EXPECT_DOUBLE_EQ(row.play->first.value, 0.55);
  EXPECT_DOUBLE_EQ(row.play->last.value, 0.25);               // one chain alone has a last episode
  EXPECT_NEAR(row.play->best.value, (0.6 + 0.25) / 2, 1e-7);  // errors are float32
  EXPECT_THAT(Html(comparison), AllOf(HasSubstr("Action error against"),
                                      HasSubstr("with 4 episodes action error 0.250"),
                                      Not(HasSubstr("Return against"))));
}

// The first row has one episode, and the chart was left out for all.
TEST(ComparisonReportTest, ErrorsByEpisodeAreDrawnWhereSomeRowHasSeveral) {
  Comparison comparison = SmallComparison();
  comparison.tasks[0].environment = "";
  for (ComparedRun& run : comparison.runs) {
    const auto apart = static_cast<double>(run.seed) / 8;
    run.scored_episode = run.row == 0 ? 1 : 2;
    run.outcome->returns = {};
    run.outcome->errors = run.row == 0 ? std::vector<std::vector<double>>{{0.5 + apart}}
                                       : std::vector<std::vector<double>>{{0.5 + apart, 0.25}};
  }
  EXPECT_THAT(Html(comparison), HasSubstr("Action error by episode in context"));
  // No row has two: there is nothing to draw.
  for (ComparedRun& run : comparison.runs) {
    run.scored_episode = 1;
    run.outcome->errors = {{0.5}};
  }
  EXPECT_THAT(Html(comparison), Not(HasSubstr("Action error by episode in context")));
}

// The first task alone decided how the column is called.
TEST(ComparisonReportTest, RunsOfTasksWithAndWithoutASimulatorShareAColumnThatSaysSo) {
  Comparison comparison = SmallComparison();
  comparison.tasks.push_back(comparison.tasks[0]);
  comparison.tasks[0].name = "played";
  comparison.tasks[1].name = "predicted";
  comparison.tasks[1].environment = "";
  std::vector<ComparedRun> more = comparison.runs;
  for (ComparedRun& run : more) {
    run.task = 1;
    std::swap(run.outcome->returns, run.outcome->errors);
  }
  comparison.runs.insert(comparison.runs.end(), more.begin(), more.end());
  EXPECT_THAT(Html(comparison), HasSubstr(">return or error<"));
}

TEST(ComparisonSummaryTest, ScoresMakeTasksComparable) {
  Comparison comparison = SmallComparison();
  comparison.tasks.push_back(comparison.tasks[0]);
  comparison.tasks[0].name = "a";
  comparison.tasks[1].name = "b";
  std::vector<ComparedRun> more = comparison.runs;
  for (ComparedRun& run : more) {
    run.task = 1;
    for (auto& returns : run.outcome->returns) {
      for (double& value : returns) value *= 100;
    }
    run.outcome->reference = ReturnReference{.zero = 0, .hundred = 2000, .source = "D4RL"};
  }
  comparison.runs.insert(comparison.runs.end(), more.begin(), more.end());
  const auto overall = SummariseOverall(comparison, 1, Budget::kSteps);
  ASSERT_TRUE(overall && overall->difference);
  EXPECT_FALSE(overall->improvement);  // of two runs on each task
  const RowSummary row = Summarise(comparison, 1, 1, Budget::kSteps);
  ASSERT_TRUE(row.normalised);
  EXPECT_DOUBLE_EQ(row.normalised->last.value, 77.5);
  EXPECT_DOUBLE_EQ(row.normalised->difference->value, 50);
  EXPECT_THAT(Html(comparison), AllOf(HasSubstr("interquartile mean"), HasSubstr("D4RL"),
                                      HasSubstr("Performance profile"),
                                      HasSubstr(">Over all 2 tasks, no difference that"),
                                      HasSubstr(">On b, a context of 4 episodes is best: ")));
}

TEST(ComparisonReportTest, TheReportHasChartsTablesCommandVersionsAndHashes) {
  const std::string html = Html(SmallComparison());
  for (const char* part :
       {"Return against context length", "Return by episode in context", "Training loss",
        "Peak memory of training", "Training speed", "Time for one action",
        "equal gradient steps and tokens", "longplay compare small.yaml", "longplay 1", "123",
        "The difference is to &quot;1 episode&quot;", "<a href=\"10/\">4 episodes</a>",
        "<a href=\"10/config.yaml\">config.yaml</a>"}) {
    EXPECT_THAT(html, HasSubstr(part));
  }
  EXPECT_THAT(html, Not(HasSubstr("http-equiv=\"refresh\"")));
}

TEST(ComparisonReportTest, RunsThatAreNotDoneAreCountedInTheFirstSentence) {
  Comparison comparison = SmallComparison();
  comparison.runs[3].outcome.reset();
  EXPECT_THAT(
      Html(comparison, "running"),
      HasSubstr(
          "<p class=\"summary answer\">So far (3 of 4 runs are done), the one training seed"));
  comparison.runs[1].outcome.reset();
  EXPECT_THAT(
      Html(comparison, "running"),
      HasSubstr("<p class=\"summary answer\">So far (2 of 4 runs are done), no statement yet"));
}

TEST(ComparisonReportTest, BudgetsAreAnsweredOneByOne) {
  Comparison comparison = SmallComparison();
  for (ComparedRun& run : comparison.runs) run.budgets = {Budget::kSteps};
  std::vector<ComparedRun> more = comparison.runs;
  for (ComparedRun& run : more) {
    run.budgets = {Budget::kTokens};
    if (run.row == 1) run.outcome->returns = {{0, 0}, {0, 0}};
  }
  comparison.runs.insert(comparison.runs.end(), more.begin(), more.end());
  EXPECT_THAT(
      Html(comparison),
      AllOf(HasSubstr(">At equal gradient steps, a context of 4 episodes is best: return 15.5 "
                      "against 5.5"),
            HasSubstr(">At equal tokens, a context of 1 episode is best: return 5.50 against "
                      "0.00")));
}

TEST(ComparisonReportTest, WhatDiffersBetweenRowsAndWhereRunsWereMadeIsSaid) {
  Comparison comparison = SmallComparison();
  comparison.rows[0].values = {{"chain.episodes", "1"}, {"chain.source", "anywhere"}};
  comparison.rows[1].values = {{"chain.episodes", "4"}, {"chain.source", "history"}};
  for (ComparedRun& run : comparison.runs) {
    run.outcome->machine = {.processor = "Xeon", .device = "cpu", .threads = 2};
    run.outcome->date = "2026-01-31 23:59";
  }
  EXPECT_THAT(Html(comparison),
              AllOf(HasSubstr("What differs between the rows"), HasSubstr(">chain.source<"),
                    HasSubstr(">history<"), HasSubstr("All were made on: Xeon, cpu, 2 threads."),
                    HasSubstr(">2026-01-31 23:59<"), Not(HasSubstr("diverged"))));
  comparison.runs[0].outcome->diverged = 3;
  comparison.runs[0].outcome->machine.threads = 1;
  EXPECT_THAT(Html(comparison),
              AllOf(HasSubstr("episodes in which the simulation diverged"), HasSubstr(">3<"),
                    HasSubstr(">Xeon, cpu, 1 thread<"), Not(HasSubstr("All were made on"))));
}

TEST(ComparisonReportTest, EachNoteOnWhatIsBeyondTrainingStandsOnce) {
  Comparison comparison = LongerThanTrained();
  EXPECT_THAT(Html(comparison), Not(HasSubstr("Played beyond training")));
  for (ComparedRun& run : comparison.runs) {
    if (run.row == 1) run.outcome->notes = {"has 3 episodes in context"};
  }
  const std::string html = Html(comparison), note = "<td>has 3 episodes in context</td>";
  EXPECT_NE(html.find(note), std::string::npos);
  EXPECT_EQ(html.find(note), html.rfind(note));
}

// Its name was empty.
TEST(ComparisonReportTest, AnUnnamedTaskWithoutASimulatorIsNamedAfterItsData) {
  Comparison comparison = SmallComparison();
  comparison.tasks[0].environment = "";
  for (ComparedRun& run : comparison.runs) std::swap(run.outcome->returns, run.outcome->errors);
  EXPECT_EQ(RowsToJson(comparison)[0]["task"], "hopper.hdf5");
  EXPECT_EQ(RowsToJson(SmallComparison())[0]["task"], "Hopper-v5");
}

TEST(ComparisonReportTest, RowsAreOneJsonValueEach) {
  const nlohmann::json rows = RowsToJson(SmallComparison());
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[1]["settings"]["chain.episodes"], "4");
  EXPECT_EQ(rows[1]["budget"], "equal gradient steps and tokens");
  EXPECT_EQ(rows[1]["last"]["mean"], 15.5);
  EXPECT_TRUE(rows[1]["last"]["ci95"].is_null());
  EXPECT_EQ(rows[1]["last"]["range"][0], 15);
  EXPECT_EQ(rows[1]["difference_to_reference"]["mean"], 10);
  EXPECT_TRUE(rows[0]["difference_to_reference"].is_null());
  for (const char* key :
       {"seeds", "steps", "tokens", "first", "mean", "best", "normalized",
        "milliseconds_per_action", "tokens_per_second", "peak_bytes", "state_bytes"}) {
    EXPECT_TRUE(rows[0].contains(key)) << key;
  }
}

}  // namespace
}  // namespace longplay
