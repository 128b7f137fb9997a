// SPDX-License-Identifier: MIT
// Against rliable 1.2.0 (fixtures/make_statistics.py), and claims of our own.
#include "agent/scores/statistics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>

namespace longplay {
namespace {

using ::testing::HasSubstr;

nlohmann::json Golden() {
  return nlohmann::json::parse(
      std::ifstream(LONGPLAY_SOURCE_DIR "/tests/agent/fixtures/statistics.json"));
}

/// rliable's [runs][tasks] as [tasks][runs].
Scores Tasks(const nlohmann::json& runs) {
  Scores scores(runs[0].size());
  for (const auto& run : runs) {
    for (size_t task = 0; task < scores.size(); ++task) scores[task].push_back(run[task]);
  }
  return scores;
}

/// One interval of ours against the mean of twenty of theirs: five times the measured noise of one.
void ExpectSame(const Estimate& ours, const nlohmann::json& theirs) {
  EXPECT_NEAR(ours.value, theirs["value"].get<double>(), 1e-12);
  const auto tolerance = [&](const char* spread) {
    return 1e-9 + 5 * theirs[spread].get<double>();
  };
  EXPECT_NEAR(ours.low, theirs["low"].get<double>(), tolerance("low_spread"));
  EXPECT_NEAR(ours.high, theirs["high"].get<double>(), tolerance("high_spread"));
}

TEST(StatisticsTest, AggregatesAndIntervalsAreThoseOfRliable) {
  const nlohmann::json golden = Golden();
  const Scores x = Tasks(golden["x"]);
  const nlohmann::json& of_x = golden["of_x"];
  ExpectSame(Bootstrap(x, Aggregate::kMean), of_x["mean"]);
  ExpectSame(Bootstrap(x, Aggregate::kMedian), of_x["median"]);
  ExpectSame(Bootstrap(x, Aggregate::kInterquartileMean), of_x["interquartile_mean"]);
  ExpectSame(Bootstrap(x, Aggregate::kOptimalityGap), of_x["optimality_gap"]);
}

TEST(StatisticsTest, ProbabilityOfImprovementIsThatOfRliable) {
  const nlohmann::json golden = Golden();
  ExpectSame(BootstrapImprovement(Tasks(golden["x"]), Tasks(golden["y"])), golden["improvement"]);
}

TEST(StatisticsTest, ThePairedDifferenceIsTheMeanOfTheRunsDifferences) {
  const nlohmann::json golden = Golden();
  ExpectSame(BootstrapDifference(Tasks(golden["x"]), Tasks(golden["paired"]), Aggregate::kMean),
             golden["difference"]);
}

// A seed that shifts both by the same amount says nothing about their difference.
TEST(StatisticsTest, PairingCancelsWhatASeedDoesToBoth) {
  const Scores x = {{11, 21, 31, 41}}, y = {{10, 20, 30, 40}};
  const Estimate difference = BootstrapDifference(x, y, Aggregate::kMean);
  EXPECT_EQ(difference.low, 1);
  EXPECT_EQ(difference.high, 1);
  const Estimate unpaired = BootstrapMean(x[0]);
  EXPECT_GT(unpaired.high - unpaired.low, 10);
}

TEST(StatisticsTest, ResamplesStayWithinTheirTask) {
  // Each task's runs agree: however they are drawn, nothing changes.
  const Scores scores = {{0, 0, 0}, {1, 1, 1}, {5, 5, 5}};
  const Estimate median = Bootstrap(scores, Aggregate::kMedian);
  EXPECT_EQ(median.low, 1);
  EXPECT_EQ(median.high, 1);
}

TEST(StatisticsTest, TasksMayDifferInTheirNumberOfRuns) {
  const Scores scores = {{0, 2}, {5}, {6, 6, 6, 6}};
  EXPECT_DOUBLE_EQ(Aggregated(scores, Aggregate::kMean), 4);
  EXPECT_DOUBLE_EQ(Aggregated(scores, Aggregate::kMedian), 5);
  EXPECT_DOUBLE_EQ(Aggregated(scores, Aggregate::kInterquartileMean), 5);  // 0 and a 6 cut
  EXPECT_DOUBLE_EQ(Aggregated(scores, Aggregate::kOptimalityGap, 6), 11.0 / 7);
}

TEST(StatisticsTest, ATieIsHalfAnImprovement) {
  EXPECT_EQ(ProbabilityOfImprovement({{1, 2}}, {{2}}), 0.25);
  EXPECT_EQ(ProbabilityOfImprovement({{1, 2}, {9}}, {{1, 2}, {0}}), 0.75);
}

TEST(StatisticsTest, TheIntervalOfAMeanIsThatOfTheNormalApproximation) {
  std::vector<double> values;
  for (int i = 0; i < 400; ++i) values.push_back(i % 2 == 0 ? -1.0 : 1.0);
  const Estimate estimate = BootstrapMean(values);
  EXPECT_EQ(estimate.value, 0);
  // Standard error 1 / 20; the percentile's own noise over 10,000 resamples is about 2 %.
  EXPECT_NEAR(estimate.high, 1.96 / 20, 0.006);
  EXPECT_NEAR(estimate.low, -1.96 / 20, 0.006);
}

// [3, 3] would say that nothing else could have come out.
TEST(StatisticsTest, OneRunHasNoInterval) {
  const Estimate estimate = BootstrapMean({3});
  EXPECT_EQ(estimate.spread, Spread::kNone);
  EXPECT_TRUE(std::isnan(estimate.low) && std::isnan(estimate.high));
  EXPECT_EQ(ToJson(estimate), (nlohmann::json{{"mean", 3.0}, {"ci95", nullptr}}));
  EXPECT_EQ(BootstrapDifference({{3}}, {{1}}, Aggregate::kMean).spread, Spread::kNone);
}

TEST(StatisticsTest, TwoOrThreeRunsHaveARangeWhichIsNoInterval) {
  for (const std::vector<double>& runs : {std::vector<double>{5, 1}, {5, 1, 3}}) {
    const Estimate estimate = BootstrapMean(runs);
    EXPECT_EQ(estimate.spread, Spread::kRange);
    EXPECT_EQ(estimate.low, 1);
    EXPECT_EQ(estimate.high, 5);
    EXPECT_EQ(estimate.runs, runs);
    EXPECT_TRUE(ToJson(estimate)["ci95"].is_null());
    EXPECT_EQ(ToJson(estimate)["range"], (nlohmann::json{1.0, 5.0}));
  }
  EXPECT_EQ(BootstrapMean({1, 2, 3, 4}).spread, Spread::kInterval);
  const Estimate difference = BootstrapDifference({{5, 7}}, {{4, 1}}, Aggregate::kMean);
  EXPECT_EQ(difference.runs, (std::vector<double>{1, 6}));  // of each pair
}

TEST(StatisticsTest, SeveralTasksHaveAnIntervalFromThreeRunsEach) {
  EXPECT_EQ(Bootstrap({{1, 2, 3}, {4, 5, 7}}, Aggregate::kMean).spread, Spread::kInterval);
  EXPECT_EQ(Bootstrap({{1, 2, 3}, {4, 5}}, Aggregate::kMean).spread, Spread::kNone);
}

// Of three runs against three the order is chance too often.
TEST(StatisticsTest, AProbabilityOfFewRunsHasNoInterval) {
  EXPECT_EQ(BootstrapImprovement({{1, 2, 3}}, {{4, 5, 6, 7}}).spread, Spread::kNone);
  EXPECT_EQ(BootstrapImprovement({{1, 2, 3, 4}}, {{4, 5, 6, 7}}).spread, Spread::kInterval);
}

TEST(StatisticsTest, TheSameSeedGivesTheSameInterval) {
  const std::vector<double> values = {1, 4, 9, 16, 25};
  const Estimate one = BootstrapMean(values), two = BootstrapMean(values);
  EXPECT_EQ(one.low, two.low);
  EXPECT_EQ(one.high, two.high);
  EXPECT_NE(BootstrapMean(values, {.resamples = 100, .seed = 1}).low,
            BootstrapMean(values, {.resamples = 100, .seed = 2}).low);
}

std::string Refusal(const std::function<void()>& compute) {
  try {
    compute();
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "computed";
}

TEST(StatisticsTest, ScoresThatDoNotFitAreRefused) {
  EXPECT_THAT(Refusal([] { Aggregated({}, Aggregate::kMean); }), HasSubstr("at least one task"));
  EXPECT_THAT(Refusal([] { BootstrapMean({}); }), HasSubstr("at least one run"));
  EXPECT_THAT(Refusal([] {
                ProbabilityOfImprovement({{1}}, {{1}, {2}});
              }),
              HasSubstr("expected the same tasks, got 1 and 2"));
  EXPECT_THAT(Refusal([] {
                BootstrapDifference({{1, 2}}, {{1}}, Aggregate::kMean);
              }),
              HasSubstr("expected as many runs in both, got 2 and 1"));
}

}  // namespace
}  // namespace longplay
