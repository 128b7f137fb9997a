// SPDX-License-Identifier: MIT
#include "agent/comparison/expected_time.h"

#include <gtest/gtest.h>

namespace longplay {
namespace {

TEST(ExpectedTimeTest, RowsAreJudgedByThemselvesAndUnknownOnesByTheOthers) {
  Comparison comparison;
  comparison.tasks.resize(1);
  comparison.rows.resize(3);
  for (size_t i = 0; i < 4; ++i) {
    comparison.runs.push_back({.row = i % 3, .task = 0, .tokens = 100, .folder = ""});
  }
  ExpectedTime expected(comparison);
  EXPECT_EQ(expected.Left(), 0);
  expected.Trained(0, 10);
  EXPECT_DOUBLE_EQ(expected.Left(), 40);
  expected.Evaluated(0, 2);
  expected.Done(0);
  EXPECT_DOUBLE_EQ(expected.Left(), 36);
  expected.Trained(1, 30);
  expected.Evaluated(1, 2);
  expected.Done(1);
  EXPECT_DOUBLE_EQ(expected.Left(), (20 + 2) + (10 + 2));  // the mean, and the first row again
}

TEST(ExpectedTimeTest, DurationsAreShort) {
  EXPECT_EQ(ShownDuration(3.2), "3 s");
  EXPECT_EQ(ShownDuration(150), "2 min");
  EXPECT_EQ(ShownDuration(9000), "2.5 h");
}

}  // namespace
}  // namespace longplay
