// SPDX-License-Identifier: MIT
#include "agent/evaluation.h"

#include <gtest/gtest.h>

namespace longplay {
namespace {

EvaluationResult TwoSeeds() {
  return {.environment = "Hopper-v5",
          .returns = {{1, 2, 6}, {3, 10, 2}},
          .lengths = {{5, 5, 5}, {5, 5, 5}},
          .reference_min = 0,
          .reference_max = 50};
}

TEST(EvaluationTest, FirstLastBestAndMeanAreOfSeeds) {
  const EvaluationResult result = TwoSeeds();
  EXPECT_EQ(result.first().value, 2);
  EXPECT_EQ(result.last().value, 4);
  EXPECT_EQ(result.best().value, 8);  // (6 + 10) / 2: the largest of each seed
  EXPECT_EQ(result.mean().value, 4);
  ASSERT_EQ(result.by_episode().size(), 3U);
  EXPECT_EQ(result.by_episode()[1].value, 6);
}

TEST(EvaluationTest, JsonHasTheKeysThatProgramsRead) {
  const nlohmann::json json = ToJson(TwoSeeds());
  EXPECT_EQ(json["returns"].size(), 2U);
  EXPECT_EQ(json["returns"][0].size(), 3U);
  for (const char* key : {"first", "last", "best", "mean"}) {
    EXPECT_TRUE(json[key]["mean"].is_number()) << key;
    EXPECT_EQ(json[key]["ci95"].size(), 2U) << key;
    EXPECT_EQ(json["normalized"][key]["mean"].get<double>(), 2 * json[key]["mean"].get<double>());
  }
}

TEST(EvaluationTest, NoReferenceMeansNoNormalizedScore) {
  EvaluationResult result = TwoSeeds();
  result.reference_min.reset();
  EXPECT_TRUE(ToJson(result)["normalized"].is_null());
}

TEST(EvaluationTest, ReferencesAreThoseOfD4rl) {
  EXPECT_EQ(ReferenceReturns("Hopper-v5")->second, 3234.3);
  EXPECT_FALSE(ReferenceReturns("dm_control/cartpole-swingup-v0").has_value());
}

}  // namespace
}  // namespace longplay
