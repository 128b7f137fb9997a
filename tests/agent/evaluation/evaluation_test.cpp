// SPDX-License-Identifier: MIT
#include "agent/evaluation/evaluation.h"

#include <gtest/gtest.h>

#include "tests/agent/pendulum_run.h"

namespace longplay {
namespace {

/// Of each of two seeds twice.
EvaluationResult TwoSeeds() {
  return {.environment = "Hopper-v5",
          .returns = {{1, 2, 6}, {3, 10, 2}, {1, 2, 6}, {3, 10, 2}},
          .lengths = {{5, 5, 5}, {5, 5, 5}, {5, 5, 5}, {5, 5, 5}},
          .reference = ReturnReference{.zero = 0, .hundred = 50, .source = "D4RL"}};
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
  EXPECT_EQ(json["returns"].size(), 4U);
  EXPECT_EQ(json["returns"][0].size(), 3U);
  for (const char* key : {"first", "last", "best", "mean"}) {
    EXPECT_TRUE(json[key]["mean"].is_number()) << key;
    EXPECT_EQ(json[key]["ci95"].size(), 2U) << key;
    EXPECT_EQ(json["normalized"][key]["mean"].get<double>(), 2 * json[key]["mean"].get<double>());
  }
}

TEST(EvaluationTest, OneSeedHasNoIntervalAndFewRunsHaveARange) {
  EvaluationResult one = TwoSeeds();
  one.returns.resize(1);
  one.lengths.resize(1);
  EXPECT_TRUE(ToJson(one)["last"]["ci95"].is_null());
  EvaluationResult other = one;
  other.returns[0] = {2, 2, 9};
  const std::vector<EvaluationResult> runs = {one, other};
  const nlohmann::json json = ToJson(std::span<const EvaluationResult>(runs));
  EXPECT_TRUE(json["last"]["ci95"].is_null());
  EXPECT_EQ(json["last"]["range"], (nlohmann::json{6.0, 9.0}));
}

// More seeds refine a result, they do not replace it: simulations, hidden parameters and sampled
// actions of a context depend on its place alone, but for the rounding of larger batches.
TEST(EvaluationTest, TheFirstContextsOfManyAreThoseOfFew) {
  WritePendulumData();
  const LoadedPolicy policy = LoadPolicy(TrainPendulum("run"), torch::kCPU);
  for (const ActionChoice act : {ActionChoice::kMean, ActionChoice::kSample}) {
    EvaluateOptions options = policy.record.options.evaluate;
    options.act = act;
    options.seeds = 2;
    const EvaluationResult few = Evaluate(policy, options);
    options.seeds = 5;
    const EvaluationResult many = Evaluate(policy, options);
    for (size_t seed = 0; seed < 2; ++seed) {
      EXPECT_EQ(few.lengths[seed], many.lengths[seed]);
      for (size_t e = 0; e < few.returns[seed].size(); ++e) {
        EXPECT_NEAR(few.returns[seed][e], many.returns[seed][e], 1e-4);
      }
    }
    EXPECT_NE(many.returns[2], many.returns[0]);
  }
}

TEST(EvaluationTest, NoReferenceMeansNoNormalizedScore) {
  EvaluationResult result = TwoSeeds();
  result.reference.reset();
  EXPECT_TRUE(ToJson(result)["normalized"].is_null());
}

TEST(EvaluationTest, ReferencesAreThoseOfD4rl) {
  EXPECT_EQ(D4rlReference("Hopper-v5")->hundred, 3234.3);
  EXPECT_FALSE(D4rlReference("Hopper-v5?healthy_z_range=0.8,inf").has_value());  // another task
  EXPECT_FALSE(D4rlReference("HopperBullet").has_value());
  EXPECT_FALSE(D4rlReference("dm_control/cartpole-swingup-v0").has_value());
}

TEST(EvaluationTest, TheIntervalOfSeveralRunsIsOverRuns) {
  const std::vector<EvaluationResult> runs(4, TwoSeeds());
  const nlohmann::json json = ToJson(std::span<const EvaluationResult>(runs));
  EXPECT_EQ(json["returns"].size(), 16U);
  EXPECT_EQ(json["interval"]["resampled"], "training runs");
  EXPECT_EQ(json["last"]["mean"], 4);
  EXPECT_EQ(json["last"]["ci95"][0], 4);  // equal runs: whatever their seeds do
  EXPECT_EQ(json["by_episode"][1]["mean"], 6);
  EXPECT_EQ(json["best"]["interquartile_mean"]["mean"], 8);
  const nlohmann::json one = ToJson(runs[0]);
  EXPECT_EQ(one["interval"]["resampled"], "evaluation seeds of one checkpoint");
  EXPECT_LT(one["last"]["ci95"][0], 4);
}

}  // namespace
}  // namespace longplay
