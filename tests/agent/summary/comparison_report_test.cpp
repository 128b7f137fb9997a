// SPDX-License-Identifier: MIT
#include "agent/summary/comparison_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <sstream>

#include "agent/summary/comparison_summary.h"
#include "tests/temporary_folder.h"

namespace longplay {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

/// Two context lengths, two training seeds, both budgets in one; two episodes, two evaluation
/// seeds. Row r from seed s earns 10 r + s in its first episode and 5 more in its last.
Comparison SmallComparison() {
  Comparison comparison{
      .title = "small", .command = "longplay compare small.yaml", .versions = {{"longplay", "1"}}};
  comparison.rows = {{.name = "1 episode", .settings = {{"chain.episodes", "1"}}},
                     {.name = "4 episodes", .settings = {{"chain.episodes", "4"}}}};
  comparison.tasks = {{.name = "",
                       .environment = "Hopper-v5",
                       .data = "hopper.hdf5",
                       .data_hash = "123",
                       .episodes = 10,
                       .steps = 100,
                       .mean_return = 3,
                       .best_return = 20,
                       .evaluation_seeds = 2,
                       .evaluation_episodes = 2}};
  comparison.budgets = {Budget::kSteps, Budget::kTokens};
  comparison.seeds = {0, 1};
  for (size_t seed = 0; seed < 2; ++seed) {
    for (size_t row = 0; row < 2; ++row) {
      const double base = 10.0 * static_cast<double>(row) + static_cast<double>(seed);
      RunOutcome outcome;
      outcome.returns = {{base - 1, base + 4}, {base + 1, base + 6}};
      outcome.steps = {1, 2};
      outcome.losses = {2, 1};
      outcome.peak_bytes = 1 << 20;
      outcome.tokens_per_second = 100;
      comparison.runs.push_back({.row = row,
                                 .task = 0,
                                 .seed = seed,
                                 .budgets = comparison.budgets,
                                 .steps = 2,
                                 .tokens = 50,
                                 .context_episodes = row == 0 ? 1 : 4,
                                 .context_steps = row == 0 ? 10.0 : 40.0,
                                 .folder = std::to_string(row) + std::to_string(seed),
                                 .hashes = {"h", "h"},
                                 .outcome = outcome});
    }
  }
  return comparison;
}

std::string Html(const Comparison& comparison, const std::string& status = "complete") {
  WriteReport(ComparisonReport(comparison, status), TemporaryPath("report.html"));
  std::ostringstream text;
  text << std::ifstream(TemporaryPath("report.html")).rdbuf();
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

TEST(ComparisonSummaryTest, EqualSeedsArePaired) {
  const Comparison comparison = SmallComparison();
  const RowSummary row = Summarise(comparison, 1, 0, Budget::kSteps);
  ASSERT_TRUE(row.play->difference && row.play->improvement);
  EXPECT_DOUBLE_EQ(row.play->difference->value, 10);
  EXPECT_DOUBLE_EQ(row.play->difference->low, 10);  // both seeds differ by the same
  EXPECT_DOUBLE_EQ(row.play->improvement->value, 1);
  EXPECT_FALSE(Summarise(comparison, 0, 0, Budget::kSteps).play->difference);
}

TEST(ComparisonSummaryTest, RunsThatAreNotDoneAreLeftOut) {
  Comparison comparison = SmallComparison();
  comparison.runs[2].outcome.reset();  // the reference's second seed
  const RowSummary row = Summarise(comparison, 1, 0, Budget::kSteps);
  EXPECT_DOUBLE_EQ(row.play->last.value, 15.5);
  EXPECT_DOUBLE_EQ(row.play->difference->value, 10);
  for (ComparedRun& run : comparison.runs) run.outcome.reset();
  EXPECT_FALSE(Summarise(comparison, 1, 0, Budget::kSteps).play);
  EXPECT_THAT(Html(comparison, "running"), HasSubstr("http-equiv=\"refresh\""));
}

TEST(ComparisonSummaryTest, OneTrainingRunHasIntervalsOverEvaluationSeedsAndSaysSo) {
  Comparison comparison = SmallComparison();
  comparison.seeds = {0};
  comparison.runs.resize(2);
  const RowSummary row = Summarise(comparison, 1, 0, Budget::kSteps);
  EXPECT_DOUBLE_EQ(row.play->last.low, 14);
  EXPECT_DOUBLE_EQ(row.play->last.high, 16);
  EXPECT_FALSE(row.play->improvement);
  EXPECT_THAT(Html(comparison), HasSubstr("say nothing about training"));
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
  EXPECT_DOUBLE_EQ(row.play->improvement->value, 0.5);
  EXPECT_THAT(Html(comparison), AllOf(HasSubstr("Action error"), Not(HasSubstr("Return of"))));
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
  ASSERT_TRUE(overall && overall->difference && overall->improvement);
  EXPECT_DOUBLE_EQ(overall->improvement->value, 1);
  const RowSummary row = Summarise(comparison, 1, 1, Budget::kSteps);
  ASSERT_TRUE(row.normalised);
  EXPECT_DOUBLE_EQ(row.normalised->last.value, 77.5);
  EXPECT_DOUBLE_EQ(row.normalised->difference->value, 50);
  EXPECT_THAT(Html(comparison), AllOf(HasSubstr("interquartile mean"), HasSubstr("D4RL")));
}

TEST(ComparisonReportTest, TheReportHasChartsTablesCommandVersionsAndHashes) {
  const std::string html = Html(SmallComparison());
  for (const char* part :
       {"Return of the last episode against context length", "Return by episode in context",
        "Training loss", "Peak memory of training", "Training speed", "Time for one action",
        "equal gradient steps and tokens", "probability of improvement",
        "longplay compare small.yaml", "longplay 1", "123",
        "difference to &quot;1 episode&quot;"}) {
    EXPECT_THAT(html, HasSubstr(part));
  }
  EXPECT_THAT(html, Not(HasSubstr("http-equiv=\"refresh\"")));
}

TEST(ComparisonReportTest, RowsAreOneJsonValueEach) {
  const nlohmann::json rows = RowsToJson(SmallComparison());
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[1]["settings"]["chain.episodes"], "4");
  EXPECT_EQ(rows[1]["budget"], "equal gradient steps and tokens");
  EXPECT_EQ(rows[1]["last"]["mean"], 15.5);
  EXPECT_EQ(rows[1]["last"]["ci95"][0], 15);
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
