// SPDX-License-Identifier: MIT
#include "datasets/checks/problem_log.h"

#include <gtest/gtest.h>

namespace longplay {
namespace {

void FailAt(const std::string& where) { throw DataError(where, "expected a, got b"); }

TEST(ProblemLogTest, OpeningStopsAtTheFirstError) {
  ProblemLog log(ProblemLog::Mode::kThrowFirstError);
  EXPECT_THROW(log.Attempt([] { FailAt("here"); }), DataError);
  EXPECT_TRUE(log.problems().empty());
}

TEST(ProblemLogTest, ValidatingNotesEveryErrorWithItsPlace) {
  ProblemLog log(ProblemLog::Mode::kCollect);
  log.Attempt([] { FailAt("here"); });
  log.Attempt([] {});
  log.Attempt([] { FailAt("there"); });
  ASSERT_EQ(log.problems().size(), 2U);
  EXPECT_EQ(log.problems()[0].severity, Severity::kError);
  EXPECT_EQ(log.problems()[0].where, "here");
  EXPECT_EQ(log.problems()[0].problem, "expected a, got b");
  EXPECT_EQ(log.problems()[1].where, "there");
}

TEST(ProblemLogTest, WhatFollowsAnErrorInOneAttemptIsNotDone) {
  ProblemLog log(ProblemLog::Mode::kCollect);
  bool reached = false;
  log.Attempt([&] {
    FailAt("here");
    reached = true;
  });
  EXPECT_FALSE(reached);
}

TEST(ProblemLogTest, OtherExceptionsAreNoProblemsOfTheData) {
  ProblemLog log(ProblemLog::Mode::kCollect);
  EXPECT_THROW(log.Attempt([] { throw std::runtime_error("out of luck"); }), std::runtime_error);
  EXPECT_TRUE(log.problems().empty());
}

TEST(ProblemLogTest, WarningsAreNotedInBothModesAndAreNoErrors) {
  ProblemLog opening(ProblemLog::Mode::kThrowFirstError), log(ProblemLog::Mode::kCollect);
  opening.Warn("here", "odd");
  EXPECT_EQ(opening.problems().size(), 1U);
  log.Warn("here", "odd");
  ASSERT_EQ(log.problems().size(), 1U);
  EXPECT_EQ(log.problems()[0].severity, Severity::kWarning);
  EXPECT_FALSE(log.has_errors());
  log.Attempt([] { FailAt("here"); });
  EXPECT_TRUE(log.has_errors());
}

TEST(ProblemLogTest, SameProblemAtTheSamePlaceIsListedOnce) {
  ProblemLog log(ProblemLog::Mode::kCollect);
  for (int i = 0; i < 3; ++i) {
    log.Warn("here", "odd");
    log.Attempt([] { FailAt("here"); });
  }
  EXPECT_EQ(log.problems().size(), 2U);
  EXPECT_EQ(log.errors(), 3U) << "each was met";
}

TEST(ProblemLogTest, CountedWarningsAreTheFirstAndHowManyFollow) {
  ProblemLog log(ProblemLog::Mode::kCollect);
  log.Count("row 3", "odd");
  EXPECT_EQ(log.problems()[0].problem, "odd");
  log.Count("row 5", "odd");
  log.Count("row 6", "even");
  log.Count("row 7", "odd");
  ASSERT_EQ(log.problems().size(), 2U);
  EXPECT_EQ(log.problems()[0].where, "row 3");
  EXPECT_EQ(log.problems()[0].problem, "odd (and 2 more)");
  EXPECT_EQ(log.problems()[1].problem, "even");
}

TEST(ProblemLogTest, ListEndsAfterAThousandProblemsAndSaysSo) {
  ProblemLog log(ProblemLog::Mode::kCollect);
  for (int i = 0; i < 5000; ++i) log.Attempt([&] { FailAt("place " + std::to_string(i)); });
  ASSERT_EQ(log.problems().size(), 1001U);
  EXPECT_EQ(log.problems()[999].problem, "expected a, got b");
  EXPECT_EQ(log.problems()[1000].problem, "further problems are not listed");
}

// Once the line that says that the list ends stood in its place, and the file seemed usable.
TEST(ProblemLogTest, ErrorAfterAThousandWarningsIsListed) {
  ProblemLog log(ProblemLog::Mode::kCollect);
  for (int i = 0; i < 1000; ++i) log.Warn("place " + std::to_string(i), "odd");
  log.Attempt([] { FailAt("here"); });
  EXPECT_TRUE(log.has_errors());
  EXPECT_EQ(log.problems()[1000].problem, "further problems are not listed");
  ASSERT_EQ(log.problems().size(), 1002U);
  EXPECT_EQ(log.problems()[1001].where, "here");
  log.Attempt([] { FailAt("there"); });
  log.Warn("everywhere", "odd");
  EXPECT_EQ(log.problems().size(), 1002U) << "one is enough";
}

}  // namespace
}  // namespace longplay
