// SPDX-License-Identifier: MIT
#include "datasets/checks/continuity.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace longplay {
namespace {

using ::testing::IsEmpty;

std::vector<Problem> Problems(const std::vector<double>& observations,
                              const std::vector<double>& next, int64_t width, int64_t first = 0) {
  ProblemLog log(ProblemLog::Mode::kCollect);
  CheckContinuity(observations, next, width, "file:next", first, log);
  return log.problems();
}

TEST(ContinuityTest, WhatWasSeenAfterAStepIsSeenBeforeTheNextOne) {
  EXPECT_THAT(Problems({1, 2, 3}, {2, 3, 99}, 1), IsEmpty()) << "nothing follows the last";
  EXPECT_THAT(Problems({1, 2}, {7, 7}, 2), IsEmpty()) << "one step";
  EXPECT_THAT(Problems({1, 10, 2, 20}, {2, 20, 0, 0}, 2), IsEmpty());
}

TEST(ContinuityTest, FirstRowThatDoesNotContinueIsNamedAndTheOthersAreCounted) {
  const std::vector<Problem> problems = Problems({1, 2, 3, 4, 5}, {2, 9, 4, 9, 0}, 1, 100);
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].severity, Severity::kWarning);
  EXPECT_EQ(problems[0].where, "file:next[101]");
  EXPECT_THAT(problems[0].problem, testing::EndsWith("(and 1 more)"));
}

TEST(ContinuityTest, RoundingToFloat32IsNoDifference) {
  EXPECT_THAT(Problems({0, 0.1}, {static_cast<double>(0.1F), 0}, 1), IsEmpty());
  EXPECT_THAT(Problems({0, 1e6}, {1e6 + 0.5, 0}, 1), IsEmpty()) << "relative";
  EXPECT_EQ(Problems({0, 0.1}, {0.1001, 0}, 1).size(), 1U);
}

TEST(ContinuityTest, ContinuedEndsAreCounted) {
  ProblemLog log(ProblemLog::Mode::kCollect);
  WarnOfContinuedEnd("file:next", 3, log);
  WarnOfContinuedEnd("file:next", 4, log);
  ASSERT_EQ(log.problems().size(), 1U);
  EXPECT_EQ(log.problems()[0].where, "file:next[3]");
  EXPECT_THAT(log.problems()[0].problem, testing::EndsWith("(and 1 more)"));
}

}  // namespace
}  // namespace longplay
