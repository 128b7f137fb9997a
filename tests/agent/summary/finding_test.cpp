// SPDX-License-Identifier: MIT
#include "agent/summary/finding.h"

#include <gtest/gtest.h>

#include <map>

namespace longplay {
namespace {

/// Rows by name with the returns of their runs; the first one is the reference.
Contest Of(const std::vector<std::pair<std::string, std::vector<double>>>& rows) {
  Contest contest{.rows = rows.size(), .reference_name = rows[0].first, .lengths = true};
  std::map<size_t, std::vector<double>> runs;
  for (size_t row = 0; row < rows.size(); ++row) {
    contest.seeds = std::max(contest.seeds, static_cast<int64_t>(rows[row].second.size()));
    if (rows[row].second.empty()) continue;
    runs[row] = rows[row].second;
    contest.entries.push_back({row, rows[row].first, Mean(rows[row].second)});
  }
  contest.compare = [runs](size_t x, size_t y) -> std::optional<RowComparison> {
    std::vector<double> a = runs.at(x), b = runs.at(y);
    a.resize(std::min(a.size(), b.size()));
    b.resize(a.size());
    return RowComparison{.runs = static_cast<int64_t>(a.size()),
                         .x = Mean(a),
                         .y = Mean(b),
                         .difference = BootstrapDifference({a}, {b}, Aggregate::kMean)};
  };
  return contest;
}

TEST(FindingTest, TheBestIsNamedWithItsLeadAndHowSureThatIs) {
  EXPECT_EQ(
      FindingOf(Of(
          {{"1 episode", {120, 120, 120, 120, 120}}, {"4 episodes", {170, 180, 170, 180, 180}}})),
      "a context of 4 episodes is best: return 176 against 120 with 1 episode, a difference of "
      "+56 (95 % interval 52 to 60, 5 training seeds each).");
}

TEST(FindingTest, RowsThatRunsDoNotTellApartFromTheBestAreNamed) {
  EXPECT_EQ(
      FindingOf(Of({{"1 episode", {10, 10, 10, 10}},
                    {"2 episodes", {30, 34, 30, 34}},
                    {"4 episodes", {34, 30, 34, 32}}})),
      "a context of 4 episodes is best: return 32.5 against 10.0 with 1 episode, a difference "
      "of +22.5 (95 % interval 21.0 to 24.0, 4 training seeds each). These seeds do not tell "
      "it apart from 2 episodes (32.0).");
}

TEST(FindingTest, ADifferenceWithinTheRunsIsNone) {
  EXPECT_EQ(
      FindingOf(Of({{"1 episode", {10, 30, 10, 30}}, {"4 episodes", {30, 12, 30, 12}}})),
      "no difference that these seeds can tell: with 4 episodes return 21.0 against 20.0 with "
      "1 episode, a difference of +1.0 (95 % interval −18.0 to 20.0, 4 training seeds each).");
  EXPECT_EQ(FindingOf(Of({{"1 episode", {10, 30, 10, 30}},
                          {"2 episodes", {20, 20, 20, 20}},
                          {"4 episodes", {30, 12, 30, 12}}})),
            "no length is better than 1 episode by a difference that these seeds can tell. A "
            "context of 4 episodes is the best of the others: return 21.0 against 20.0 with 1 "
            "episode, a difference of +1.0 (95 % interval −18.0 to 20.0, 4 training seeds each).");
}

TEST(FindingTest, TheReferenceMayBeTheBest) {
  EXPECT_EQ(
      FindingOf(Of({{"1 episode", {30, 31, 30, 31}}, {"4 episodes", {10, 11, 10, 11}}})),
      "a context of 1 episode is best: return 30.5 against 10.5 with 4 episodes, a difference "
      "of +20.0 (95 % interval 20.0 to 20.0, 4 training seeds each).");
}

TEST(FindingTest, FewRunsHaveARangeAndNoInterval) {
  EXPECT_EQ(
      FindingOf(Of({{"1 episode", {10, 12}}, {"4 episodes", {20, 24}}})),
      "a context of 4 episodes is best: return 22.0 against 11.0 with 1 episode, a difference "
      "of +11.0 (10.0 to 12.0 over 2 training seeds, too few for an interval).");
  EXPECT_EQ(
      FindingOf(Of({{"1 episode", {10, 25}}, {"4 episodes", {20, 24}}})),
      "no difference that these seeds can tell: with 4 episodes return 22.0 against 17.5 with "
      "1 episode, a difference of +4.5 (−1.0 to 10.0 over 2 training seeds, too few for an "
      "interval).");
}

TEST(FindingTest, OneTrainingRunEachIsNoStatement) {
  EXPECT_EQ(
      FindingOf(Of({{"1 episode", {10}}, {"4 episodes", {20}}})),
      "one training seed cannot tell which length is best. 4 episodes have the largest return, "
      "20.0; 1 episode has 10.0.");
}

TEST(FindingTest, WhatIsNotDoneYetIsSaid) {
  EXPECT_EQ(FindingOf(Of({{"1 episode", {}}, {"4 episodes", {}}})), "");
  EXPECT_EQ(FindingOf(Of({{"1 episode", {10, 11}}, {"4 episodes", {}}})),
            "no statement yet: 1 episode alone is done, return 10.5.");
  EXPECT_EQ(FindingOf(Of({{"1 episode", {}}, {"4 episodes", {10}}, {"8 episodes", {20}}})),
            "no statement yet: 1 episode, which the others are compared with, is not done.");
  EXPECT_EQ(
      FindingOf(Of({{"1 episode", {10, 11}}, {"4 episodes", {20}}})),
      "the one training seed that is done so far cannot tell which length is best. 4 episodes "
      "have the largest return, 20.0; 1 episode has 10.5.");
}

TEST(FindingTest, OneRowHasNothingToBeComparedWith) {
  EXPECT_EQ(FindingOf(Of({{"policy", {10, 11}}})),
            "there is one length, and nothing to compare it with: “policy”, return 10.5.");
}

TEST(FindingTest, OfErrorsTheLeastIsBest) {
  Contest contest = Of({{"1 episode", {0.5, 0.5, 0.5, 0.5}}, {"policy", {0.25, 0.25, 0.25, 0.25}}});
  contest.measure = "action error";
  contest.less_is_better = true;
  contest.lengths = false;
  EXPECT_EQ(FindingOf(contest),
            "“policy” is best: action error 0.250 against 0.500 with 1 episode, a difference of "
            "−0.250 (95 % interval −0.250 to −0.250, 4 training seeds each).");
}

TEST(FindingTest, ABetterRowIsNotHiddenByALargerMeanWhoseRunsDiffer) {
  const Contest contest = Of({{"1 episode", {10, 10, 10, 10}},
                              {"2 episodes", {20, 20, 20, 20}},
                              {"4 episodes", {0, 90, 0, 0}}});
  EXPECT_EQ(
      FindingOf(contest),
      "a context of 2 episodes is better: return 20.0 against 10.0 with 1 episode, a "
      "difference of +10.0 (95 % interval 10.0 to 10.0, 4 training seeds each). These seeds do "
      "not tell it apart from 4 episodes (22.5).");
  EXPECT_EQ(RowInQuestion(contest), 1U);
}

}  // namespace
}  // namespace longplay
