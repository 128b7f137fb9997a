// SPDX-License-Identifier: MIT
#include "agent/scoring/system_score.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace longplay {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

using Returns = std::vector<std::vector<double>>;

/// Contexts of seeds 0, 1 ...
PlayedTask Task(const std::string& name, const Returns& returns, const Returns& control = {}) {
  PlayedTask task{.name = name, .contexts = {}, .control = {}};
  for (size_t i = 0; i < returns.size(); ++i) {
    task.contexts.push_back({.run = "", .seed = std::to_string(i), .returns = returns[i]});
  }
  for (size_t i = 0; i < control.size(); ++i) {
    task.control.push_back({.run = "", .seed = std::to_string(i), .returns = control[i]});
  }
  return task;
}

std::vector<double> Values(const std::vector<Estimate>& curve) {
  std::vector<double> values;
  for (const Estimate& estimate : curve) values.push_back(estimate.value);
  return values;
}

const Returns kLearns = {{1, 5, 9}, {3, 4, 8}, {2, 6, 7}, {2, 5, 8}};
const Returns kTries = {{4, 1, 2}, {3, 6, 3}, {2, 2, 5}, {1, 3, 4}};

TEST(SystemScoreTest, CurvesAreWhatSlowLoopsGive) {
  const SystemScores scores = ScoreSystems({{"learns", {Task("a", kLearns)}}}, {});
  ASSERT_THAT(scores.tasks, SizeIs(1));
  const TrialCurves& curves = scores.tasks[0].curves;
  for (size_t n = 1; n <= 3; ++n) {
    double last = 0, best = 0, mean = 0;
    for (const std::vector<double>& returns : kLearns) {
      double largest = returns[0], sum = 0;
      for (size_t e = 0; e < n; ++e) {
        largest = std::max(largest, returns[e]);
        sum += returns[e];
      }
      last += returns[n - 1] / 4;
      best += largest / 4;
      mean += sum / static_cast<double>(n) / 4;
    }
    EXPECT_DOUBLE_EQ(curves.last[n - 1].value, last);
    EXPECT_DOUBLE_EQ(curves.best[n - 1].value, best);
    EXPECT_DOUBLE_EQ(curves.mean[n - 1].value, mean);
  }
  EXPECT_EQ(scores.resampled, "seeds");
  EXPECT_THAT(scores.tasks[0].best_of_runs, IsEmpty());
  // Four seeds have an interval.
  EXPECT_EQ(curves.last[2].spread, Spread::kInterval);
  EXPECT_EQ(curves.last[2].low, BootstrapMean({9, 8, 7, 8}).low);
}

TEST(SystemScoreTest, EpisodeNIsComparedWithTheReferencesBestOfN) {
  const SystemScores scores = ScoreSystems(
      {{"learns", {Task("a", kLearns)}}, {"tries", {Task("a", kTries)}}}, {.reference = "tries"});
  EXPECT_EQ(scores.reference, 1U);
  // Best of n of `tries`: 10/4, 15/4, 19/4.
  EXPECT_THAT(Values(scores.tasks[0].less_reference),
              testing::ElementsAre(2 - 2.5, 5 - 3.75, 8 - 4.75));
  // Paired: the same seeds in both.
  const Estimate& less = scores.tasks[0].less_reference[2];
  const Estimate paired = BootstrapDifference({{9, 8, 7, 8}}, {{4, 6, 5, 4}}, Aggregate::kMean);
  EXPECT_EQ(less.low, paired.low);
  EXPECT_EQ(less.high, paired.high);
}

TEST(SystemScoreTest, OtherSeedsThanTheReferencesGiveADifferenceWithoutBounds) {
  const Returns three(kTries.begin(), kTries.begin() + 3);
  const SystemScores scores = ScoreSystems(
      {{"learns", {Task("a", kLearns)}}, {"tries", {Task("a", three)}}}, {.reference = "tries"});
  const Estimate& less = scores.tasks[0].less_reference[2];
  EXPECT_DOUBLE_EQ(less.value, 8 - 5.0);
  EXPECT_EQ(less.spread, Spread::kNone);
}

TEST(SystemScoreTest, TheControlSaysWhatWasLearnedInContext) {
  const Returns control = {{1, 5, 2}, {3, 4, 1}, {2, 6, 1}, {2, 5, 0}};
  const SystemScores scores = ScoreSystems({{"learns", {Task("a", kLearns, control)}}}, {});
  ASSERT_TRUE(scores.tasks[0].control);
  EXPECT_DOUBLE_EQ(scores.tasks[0].control->value, 1);
  EXPECT_DOUBLE_EQ(scores.tasks[0].gained->value, 7);
  EXPECT_EQ(scores.tasks[0].gained->low,
            BootstrapDifference({{9, 8, 7, 8}}, {{2, 1, 1, 0}}, Aggregate::kMean).low);
}

TEST(SystemScoreTest, IntervalsResampleTrainingRunsWhereTheyAreNamed) {
  PlayedTask task = Task("a", kLearns);
  for (size_t i = 0; i < 4; ++i) task.contexts[i].run = i < 2 ? "first" : "second";
  const SystemScores scores = ScoreSystems({{"learns", {task}}}, {});
  EXPECT_EQ(scores.tasks[0].runs, 2U);
  EXPECT_EQ(scores.tasks[0].contexts, 4U);
  EXPECT_EQ(scores.resampled, "training runs");
  // Two runs have a range: the means of their contexts.
  const Estimate& last = scores.tasks[0].curves.last[2];
  EXPECT_EQ(last.spread, Spread::kRange);
  EXPECT_THAT(last.runs, testing::ElementsAre(8.5, 7.5));
  // One of the two at random: their mean; of two draws both are the worse one in 1 of 4 cases.
  EXPECT_THAT(scores.tasks[0].best_of_runs, testing::ElementsAre(8, 7.5 / 4 + 8.5 * 3 / 4));
}

TEST(SystemScoreTest, ExpectedBestIsTheMeanOverAllDraws) {
  const std::vector<double> values = {3, -1, 3, 7};
  // Every way to draw three of four, with replacement.
  double sum = 0;
  for (const double a : values) {
    for (const double b : values) {
      for (const double c : values) sum += std::max({a, b, c});
    }
  }
  EXPECT_NEAR(ExpectedBest(values, 3), sum / 64, 1e-12);
  EXPECT_DOUBLE_EQ(ExpectedBest(values, 1), 3);
}

TEST(SystemScoreTest, AggregatesAreThoseOfNormalisedLastReturns) {
  const Returns other = {{10, 20}, {10, 30}, {10, 25}, {10, 25}};
  ScoringOptions options;
  options.references["a"] = {.zero = 0, .hundred = 10, .source = ""};
  options.references["b"] = {.zero = 0, .hundred = 50, .source = ""};
  const SystemScores scores = ScoreSystems({{"tries", {Task("a", kTries), Task("b", other)}},
                                            {"learns", {Task("a", kLearns), Task("b", other)}}},
                                           options);
  EXPECT_THAT(scores.why_no_aggregates, IsEmpty());
  ASSERT_THAT(scores.aggregates, SizeIs(2));
  const Scores learns = {{0.9, 0.8, 0.7, 0.8}, {0.4, 0.6, 0.5, 0.5}};
  const Scores tries = {{0.2, 0.3, 0.5, 0.4}, {0.4, 0.6, 0.5, 0.5}};
  EXPECT_NEAR(scores.aggregates[1].interquartile_mean.value,
              Aggregated(learns, Aggregate::kInterquartileMean), 1e-12);
  EXPECT_NEAR(scores.aggregates[1].optimality_gap.value,
              Aggregated(learns, Aggregate::kOptimalityGap), 1e-12);
  EXPECT_FALSE(scores.aggregates[0].improvement);
  EXPECT_NEAR(scores.aggregates[1].improvement->value, ProbabilityOfImprovement(learns, tries),
              1e-12);
  EXPECT_EQ(scores.aggregates[1].profile.size(), scores.thresholds.size());
}

TEST(SystemScoreTest, WithoutReferenceReturnsItSaysWhatWouldGiveAggregates) {
  const SystemScores scores = ScoreSystems({{"learns", {Task("a", kLearns)}}}, {});
  EXPECT_EQ(scores.why_no_aggregates,
            "No aggregates: a has no reference returns; --normalise a=LOW,HIGH gives them.");
  // D4RL's are known.
  EXPECT_EQ(ScoreSystems({{"x", {Task("Hopper-v5", kLearns)}}}, {}).why_no_aggregates, "");
  const SystemScores less =
      ScoreSystems({{"x", {Task("Hopper-v5", kLearns), Task("Ant-v5", kLearns)}},
                    {"y", {Task("Hopper-v5", kLearns)}}},
                   {});
  EXPECT_EQ(less.why_no_aggregates, "No aggregates: y was not played on Ant-v5.");
}

TEST(SystemScoreTest, AnUnknownReferenceNamesTheClosest) {
  EXPECT_THAT(
      [] {
        ScoreSystems({{"learns", {Task("a", kLearns)}}}, {.reference = "leans"});
      },
      testing::ThrowsMessage<std::invalid_argument>(
          "scoring: --reference: expected one of the systems (closest: learns), got leans"));
}

TEST(SystemScoreTest, JsonAndRowsOfATableHoldTheCurves) {
  const SystemScores scores = ScoreSystems({{"a,b", {Task("t", kLearns)}}}, {});
  const nlohmann::json json = ToJson(scores);
  EXPECT_EQ(json["reference"], "a,b");
  EXPECT_EQ(json["rows"][0]["last"]["mean"], 8);
  EXPECT_EQ(json["rows"][0]["best_of"][1]["n"], 2);
  EXPECT_TRUE(json["rows"][0]["control"].is_null());
  EXPECT_THAT(json["aggregates"], IsEmpty());
  const std::string csv = SystemScoresCsv(scores);
  EXPECT_THAT(csv, StartsWith("system,task,n,measure,mean,low,high\n\"a,b\",t,1,return,2,"));
  EXPECT_THAT(csv, HasSubstr("\"a,b\",t,3,mean_of,5,"));
}

}  // namespace
}  // namespace longplay
