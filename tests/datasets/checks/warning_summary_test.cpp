// SPDX-License-Identifier: MIT
#include "datasets/checks/warning_summary.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace longplay {
namespace {

using ::testing::ElementsAre;

TEST(WarningSummaryTest, EachKindIsALineWithItsFirstPlaceAndHowManyAreLikeIt) {
  EXPECT_THAT(SummariseProblems({{Severity::kWarning, "f: episode 3", "the same as episode 1"},
                                 {Severity::kWarning, "f", "no rewards"},
                                 {Severity::kWarning, "f: episode 5", "the same as episode 12"},
                                 {Severity::kWarning, "f: episode 6", "the same as episode 1"}}),
              ElementsAre("f: episode 3: the same as episode 1 (and 2 like it: data validate)",
                          "f: no rewards"));
}

TEST(WarningSummaryTest, NothingIsNoLine) { EXPECT_TRUE(SummariseProblems({}).empty()); }

}  // namespace
}  // namespace longplay
