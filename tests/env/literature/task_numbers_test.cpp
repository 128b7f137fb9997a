// SPDX-License-Identifier: MIT
#include "env/literature/task_numbers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <stdexcept>
#include <vector>

namespace longplay {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

TaskNumbers Made(const std::map<std::string, std::string>& given) {
  TaskArguments arguments("Task-v0", given);
  return {arguments, 6, {1, 4}};
}

std::set<int64_t> DrawnNumbers(const TaskNumbers& numbers, ParameterSet set) {
  std::set<int64_t> drawn;
  for (uint64_t seed = 0; seed < 200; ++seed) {
    RandomGenerator random(seed, RandomGenerator::Stream::kChain);
    drawn.insert(numbers.Draw(set, random));
  }
  return drawn;
}

TEST(TaskNumbersTest, BothSetsAreDrawnWholeAndShareNothing) {
  EXPECT_THAT(DrawnNumbers(Made({}), ParameterSet::kTraining), ElementsAre(0, 2, 3, 5));
  EXPECT_THAT(DrawnNumbers(Made({}), ParameterSet::kHeldOut), ElementsAre(1, 4));
}

TEST(TaskNumbersTest, OneTaskAloneIsInBothSets) {
  for (const ParameterSet set : {ParameterSet::kTraining, ParameterSet::kHeldOut}) {
    EXPECT_THAT(DrawnNumbers(Made({{"task", "3"}}), set), ElementsAre(3));
  }
}

TEST(TaskNumbersTest, ARangeIsDrawnWholeInBothSets) {
  for (const ParameterSet set : {ParameterSet::kTraining, ParameterSet::kHeldOut}) {
    EXPECT_THAT(DrawnNumbers(Made({{"task", "3-5"}}), set), ElementsAre(3, 4, 5));
  }
}

TEST(TaskNumbersTest, InTurnConsecutiveSeedsHaveConsecutiveTasks) {
  const TaskNumbers numbers = Made({{"task", "3-5"}, {"draw", "in_turn"}});
  std::vector<int64_t> drawn;
  for (uint64_t seed = 999; seed < 1004; ++seed) {
    RandomGenerator random(seed, RandomGenerator::Stream::kChain);
    drawn.push_back(numbers.Draw(ParameterSet::kHeldOut, random));
  }
  EXPECT_THAT(drawn, ElementsAre(3, 4, 5, 3, 4));
  EXPECT_THAT(
      [] {
        Made({{"draw", "in_turn"}});
      },
      ThrowsMessage<std::invalid_argument>(
          HasSubstr("Task-v0: draw: expected random, or with it task=N-M")));
}

TEST(TaskNumbersTest, SomeTaskIsLeftForTesting) {
  EXPECT_EQ(TrainingTasks(100, 0.8), 80);
  EXPECT_EQ(TrainingTasks(81, 0.9), 73);
  EXPECT_EQ(TrainingTasks(4, 0.9), 3);  // rounded it would be all
}

TEST(TaskNumbersTest, NumbersThatAreNotInTheListAreRefused) {
  EXPECT_THAT(
      [] {
        Made({{"task", ""}});
      },
      ThrowsMessage<std::invalid_argument>(HasSubstr("expected 0 to 5, or FIRST-LAST of them")));
  EXPECT_THAT(
      [] {
        Made({{"task", "6"}});
      },
      ThrowsMessage<std::invalid_argument>(HasSubstr("Task-v0: task: expected 0 to 5, or "
                                                     "FIRST-LAST of them, got \"6\"")));
  EXPECT_THAT(
      [] {
        Made({{"tasks", "all"}});
      },
      ThrowsMessage<std::invalid_argument>(HasSubstr("tasks: expected one of published, drawn")));
  EXPECT_THAT(
      [] {
        Made({{"tasks", "drawn"}, {"task", "3"}});
      },
      ThrowsMessage<std::invalid_argument>(HasSubstr("where tasks are drawn")));
}

}  // namespace
}  // namespace longplay
