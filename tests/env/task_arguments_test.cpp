// SPDX-License-Identifier: MIT
#include "env/task_arguments.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

namespace longplay {
namespace {

using testing::Pair;
using testing::ThrowsMessage;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

TaskArguments Given(const std::string& value) { return {"Task-v0", {{"x", value}}}; }

TEST(TaskArgumentsTest, WhatIsNotGivenIsTheTasksOwn) {
  TaskArguments none("Task-v0", {});
  EXPECT_EQ(none.Number("x", 0.5), 0.5);
  EXPECT_EQ(none.Integer("x", 7), 7);
  EXPECT_TRUE(none.Flag("x", true));
  EXPECT_THAT(none.Range("x", {1, 2}), Pair(1, 2));
  EXPECT_EQ(none.Text("x", "own"), "own");
}

TEST(TaskArgumentsTest, WhatIsGivenIsRead) {
  EXPECT_EQ(Given("-1e-3").Number("x", 0), -0.001);
  EXPECT_EQ(Given("inf").Number("x", 0), kInfinity);
  EXPECT_EQ(Given("12").Integer("x", 0), 12);
  EXPECT_FALSE(Given("false").Flag("x", true));
  EXPECT_TRUE(Given("true").Flag("x", false));
  EXPECT_THAT(Given("-inf,0.5").Range("x", {1, 2}), Pair(-kInfinity, 0.5));
  EXPECT_THAT(Given("3,3").Range("x", {1, 2}), Pair(3, 3));
  EXPECT_EQ(Given("ant.xml").Text("x", "own"), "ant.xml");
}

TEST(TaskArgumentsTest, ANumberOutsideItsRangeIsRefused) {
  EXPECT_EQ(Given("2").Integer("x", 7, {2, 9}), 2);
  EXPECT_EQ(TaskArguments("Task-v0", {}).Integer("x", 7, {2, 9}), 7);
  EXPECT_EQ(Given("2000000").Integer("x", 7, {2, 3000000}), 2000000);
  for (const char* wrong : {"1", "10"}) {
    EXPECT_THAT(
        [&] {
          Given(wrong).Integer("x", 7, {2, 9});
        },
        ThrowsMessage<std::invalid_argument>(
            std::string("making an environment: Task-v0: x: expected 2 to 9, got \"") + wrong +
            "\""));
  }
}

TEST(TaskArgumentsTest, OneNumberOrARangeOfThem) {
  EXPECT_THAT(TaskArguments("Task-v0", {}).Integers("x", {1, 4}, {0, 9}), Pair(1, 4));
  EXPECT_THAT(Given("3").Integers("x", {0, 0}, {0, 9}), Pair(3, 3));
  EXPECT_THAT(Given("3-9").Integers("x", {0, 0}, {0, 9}), Pair(3, 9));
  EXPECT_THAT(Given("-2").Integers("x", {0, 0}, {-5, 9}), Pair(-2, -2));
  for (const char* wrong : {"10", "3-10", "4-3", "3-", "-3", "2.5", "a", ""}) {
    EXPECT_THAT(
        [&] {
          Given(wrong).Integers("x", {0, 0}, {0, 9});
        },
        ThrowsMessage<std::invalid_argument>(
            std::string("making an environment: Task-v0: x: expected 0 to 9, or FIRST-LAST of "
                        "them, got \"") +
            wrong + "\""));
  }
}

TEST(TaskArgumentsTest, AChoiceIsOneOfItsNamesAndTheFirstUnlessSaid) {
  const std::vector<std::string> names = {"red", "green"};
  EXPECT_EQ(TaskArguments("Task-v0", {}).Choice("x", names), 0u);
  EXPECT_EQ(Given("green").Choice("x", names), 1u);
  EXPECT_THAT([&] { Given("blue").Choice("x", names); },
              ThrowsMessage<std::invalid_argument>(
                  "making an environment: Task-v0: x: expected one of red, green, got \"blue\""));
}

TEST(TaskArgumentsTest, NumbersAreReadWholeOrNotAtAll) {
  for (const char* wrong : {"0x10", " 1", "", "one", "1,5", "1 ", "nan"}) {
    EXPECT_THAT([&] { Given(wrong).Number("x", 0); },
                ThrowsMessage<std::invalid_argument>(
                    std::string("making an environment: Task-v0: x: expected a number, got \"") +
                    wrong + "\""));
  }
}

TEST(TaskArgumentsTest, OtherWrongFormsAreRefused) {
  for (const char* wrong : {"1.5", "1e9", "-inf"}) {
    EXPECT_THROW(Given(wrong).Integer("x", 0), std::invalid_argument) << wrong;
  }
  for (const char* wrong : {"1", "True", ""}) {
    EXPECT_THROW(Given(wrong).Flag("x", false), std::invalid_argument) << wrong;
  }
  for (const char* wrong : {"1", "1,", ",1", "2,1", "1,2,3", "nan,1"}) {
    EXPECT_THAT(
        [&] {
          Given(wrong).Range("x", {0, 1});
        },
        ThrowsMessage<std::invalid_argument>(testing::HasSubstr("expected two numbers LOW,HIGH")))
        << wrong;
  }
}

TEST(TaskArgumentsTest, WhatNobodyAskedForIsNamedWithWhatThereIs) {
  TaskArguments arguments = Given("1");
  EXPECT_THAT([&] { arguments.CheckAllUsed(); },
              ThrowsMessage<std::invalid_argument>(
                  "making an environment: Task-v0: arguments: expected one of: none; got x"));
  arguments.Number("y", 0);
  arguments.Flag("z", true);
  EXPECT_THAT(
      [&] { arguments.CheckAllUsed(); },
      ThrowsMessage<std::invalid_argument>(testing::HasSubstr("expected one of: y, z; got x")));
  arguments.Number("x", 0);
  EXPECT_NO_THROW(arguments.CheckAllUsed());
}

}  // namespace
}  // namespace longplay
