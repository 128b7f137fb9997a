// SPDX-License-Identifier: MIT
#include "datasets/formats/space_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace longplay {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

TEST(SpaceJsonTest, BareWordsOfPythonBecomeStrings) {
  const nlohmann::json json = ParsePythonJson(R"({"a": [Infinity, -Infinity, NaN, -1]})");
  EXPECT_EQ(json.dump(), R"({"a":["inf","-inf","nan",-1]})");
}

TEST(SpaceJsonTest, WordsInsideStringsStay) {
  const nlohmann::json json = ParsePythonJson(R"({"NaN": "to -Infinity \"and NaN\" beyond"})");
  EXPECT_EQ(json.at("NaN"), "to -Infinity \"and NaN\" beyond");
}

TEST(SpaceJsonTest, TextThatIsNoJsonIsDiscarded) {
  for (const char* text : {"", "{", "nonsense", "{'a': 1}", "[1,]"}) {
    EXPECT_TRUE(ParsePythonJson(text).is_discarded()) << text;
  }
}

TEST(SpaceJsonTest, BoundsOfABoxAreFlattenedRowByRow) {
  const Space space = ParseSpace(
      R"({"type": "Box", "dtype": "float32", "shape": [2, 2],
          "low": [[-1.0, -2.0], [-3.5, -Infinity]], "high": [[1, 2], [3, Infinity]]})");
  EXPECT_EQ(space.type, "Box");
  EXPECT_EQ(space.dtype, "float32");
  EXPECT_THAT(space.shape, ElementsAre(2, 2));
  EXPECT_THAT(space.low, ElementsAre(-1, -2, -3.5, -kInfinity));
  EXPECT_THAT(space.high, ElementsAre(1, 2, 3, kInfinity));
}

TEST(SpaceJsonTest, DiscreteSpaceHasANumberOfActionsAndAStart) {
  const Space space = ParseSpace(R"({"type": "Discrete", "dtype": "int64", "n": 4, "start": -1})");
  EXPECT_EQ(space.type, "Discrete");
  EXPECT_EQ(space.n, 4);
  EXPECT_EQ(space.start, -1);
  EXPECT_EQ(ParseSpace(R"({"type": "Discrete", "n": 4})").start, 0);
}

TEST(SpaceJsonTest, FieldsOfAnotherTypeAreAsIfNotThere) {
  const Space space =
      ParseSpace(R"({"type": 1, "dtype": [], "shape": "2", "low": {}, "n": 2.5, "start": "1"})");
  EXPECT_EQ(space.type, "");
  EXPECT_EQ(space.dtype, "");
  EXPECT_THAT(space.shape, IsEmpty());
  EXPECT_THAT(space.low, IsEmpty());
  EXPECT_EQ(space.n, 0);
  EXPECT_EQ(space.start, 0);
}

TEST(SpaceJsonTest, TextThatIsNoSpaceHasNoType) {
  for (const char* text : {"", "[]", "3", "not JSON"}) EXPECT_EQ(ParseSpace(text).type, "") << text;
}

TEST(SpaceJsonTest, EnvironmentIsTheIdOfTheSpec) {
  EXPECT_EQ(EnvironmentOfSpec(R"({"id": "Hopper-v5", "reward_threshold": NaN})"), "Hopper-v5");
  EXPECT_EQ(EnvironmentOfSpec(R"({"id": 5})"), "");
  EXPECT_EQ(EnvironmentOfSpec(R"({"name": "Hopper-v5"})"), "");
  EXPECT_EQ(EnvironmentOfSpec("Hopper-v5"), "");
}

// Once its closing quote counted as one inside of it, and what followed as a string.
TEST(SpaceJsonTest, StringMayEndWithABackslash) {
  const nlohmann::json json = ParsePythonJson(R"({"path": "C:\\", "high": Infinity, "a": "\\\""})");
  ASSERT_FALSE(json.is_discarded());
  EXPECT_EQ(json.at("path"), "C:\\");
  EXPECT_EQ(json.at("high"), "inf");
  EXPECT_EQ(json.at("a"), "\\\"");
}

}  // namespace
}  // namespace longplay
