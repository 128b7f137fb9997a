// SPDX-License-Identifier: MIT
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/apps/program.h"

namespace longplay {
namespace {

using ::testing::HasSubstr;

TEST(ScoreTest, ATableBecomesAReportRowsAndJson) {
  const std::string folder = TemporaryPath("scores");
  std::filesystem::create_directories(folder);
  std::ofstream(folder + "/mine.csv") << "task,seed,episode,return\n"
                                         "goal,0,0,1\ngoal,0,1,5\ngoal,1,0,2\ngoal,1,1,6\n";
  const Outcome outcome =
      RunProgram("score mine.csv --normalise goal=0,10 --csv curves.csv --json", folder);
  ASSERT_EQ(outcome.code, 0) << outcome.error;
  const auto json = nlohmann::json::parse(outcome.out);
  EXPECT_EQ(json["rows"][0]["system"], "mine");
  EXPECT_EQ(json["rows"][0]["last"]["mean"], 5.5);
  EXPECT_EQ(json["aggregates"][0]["mean"]["mean"], 0.55);
  EXPECT_EQ(json["report"], "score.html");
  EXPECT_THAT(Text(folder + "/score.html"), HasSubstr("Return by episode"));
  EXPECT_THAT(Text(folder + "/curves.csv"), HasSubstr("mine,goal,2,best_of,5.5,5,6\n"));
}

TEST(ScoreTest, WrongReferenceReturnsAreRefused) {
  const Outcome outcome = RunProgram("score x.csv --normalise goal=10,0");
  EXPECT_EQ(outcome.code, 1);
  EXPECT_EQ(outcome.error,
            "error: scoring: --normalise: expected TASK=LOW,HIGH with LOW below HIGH, got "
            "goal=10,0\n");
}

}  // namespace
}  // namespace longplay
