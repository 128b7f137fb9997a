// SPDX-License-Identifier: MIT
#include "agent/evaluation/verification.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "agent/evaluation/result_file.h"
#include "tests/agent/pendulum_run.h"

namespace longplay {
namespace {

using ::testing::HasSubstr;

std::string WrittenResult(const CheckpointChoice& choice = {},
                          const std::vector<std::string>& data = {}) {
  WritePendulumData();
  EvaluationRequest request;
  request.runs = {{TrainPendulum("run"), choice}};
  request.data = data;
  request.options = DefaultOptions(request);
  WriteResult(TemporaryPath("result.json"), RunEvaluation(request));
  return TemporaryPath("result.json");
}

/// Changes a result file by hand.
template <typename Function>
void Edit(const std::string& path, Function change) {
  nlohmann::json result = nlohmann::json::parse(std::ifstream(path));
  change(result);
  std::ofstream(path) << result;
}

TEST(VerificationTest, WhatWasDoneComesBackExactly) {
  const nlohmann::json verification = Verify(WrittenResult(), {});
  EXPECT_TRUE(verification["same"]) << verification;
  EXPECT_TRUE(verification["differences"].empty());
  EXPECT_THAT(verification["compared"].get<std::string>(), HasSubstr("every number, exactly"));
}

// Keys that are newer than a result have their defaults, and renamed ones their new names.
TEST(VerificationTest, AResultOfAnEarlierVersionIsTheSame) {
  const std::string path = WrittenResult();
  Edit(path, [](nlohmann::json& result) {
    result.erase("notes");
    result["options"].erase("window_episodes");
    nlohmann::json& run = result["runs"][0];
    run.erase("notes");
    run["config"]["train"].erase("checkpoint_minutes");
    run["config"]["model"].erase("episode_context");
    run["config"]["model"]["episode_memory"] = "carry";
  });
  const nlohmann::json verification = Verify(path, {});
  EXPECT_TRUE(verification["same"]) << verification;
  Edit(path, [](nlohmann::json& result) { result["options"]["window_episodes"] = 1; });
  EXPECT_FALSE(Verify(path, {})["same"]);
}

TEST(VerificationTest, TheBestCheckpointIsChosenAgain) {
  const std::string path = WrittenResult({.rule = CheckpointRule::kBest, .selection_seeds = 2});
  EXPECT_TRUE(Verify(path, {})["same"]);
  Edit(path, [](nlohmann::json& result) {
    result["runs"][0]["checkpoint"]["selection"]["scores"][1]["last"] = 12345;
  });
  const nlohmann::json differences = Verify(path, {})["differences"];
  ASSERT_EQ(differences.size(), 1U);
  EXPECT_EQ(differences[0]["where"], "runs[0].checkpoint.selection.scores[1].last");
  EXPECT_EQ(differences[0]["expected"], 12345);
}

TEST(VerificationTest, HeldOutErrorsAreVerifiedToo) {
  const std::string data = WritePendulumData("held_out", 7);
  const std::string path = WrittenResult({}, {data});
  EXPECT_TRUE(Verify(path, {})["same"]);
  std::filesystem::rename(data, TemporaryPath("moved"));
  EXPECT_TRUE(Verify(path, {.data = {TemporaryPath("moved")}})["same"]);
}

TEST(VerificationTest, AChangedReturnIsNamed) {
  const std::string path = WrittenResult();
  Edit(path, [](nlohmann::json& result) { result["returns"][2][1] = -1.5; });
  const nlohmann::json verification = Verify(path, {});
  EXPECT_FALSE(verification["same"]);
  ASSERT_EQ(verification["differences"].size(), 1U);
  EXPECT_EQ(verification["differences"][0]["where"], "returns[2][1]");
  EXPECT_EQ(verification["differences"][0]["expected"], -1.5);
}

TEST(VerificationTest, AnotherPolicyInItsPlaceIsFoundByItsWeights) {
  const std::string path = WrittenResult();
  const nlohmann::json verification = Verify(path, {.runs = {TrainPendulum("other", 5)}});
  EXPECT_FALSE(verification["same"]);
  EXPECT_THAT(verification.dump(), HasSubstr("runs[0].weights_hash"));
}

// A simulation amplifies rounding errors, so that other versions cannot give the same returns.
TEST(VerificationTest, WithOtherVersionsMeansAreComparedWithIntervals) {
  const std::string path = WrittenResult();
  Edit(path, [](nlohmann::json& result) {
    result["versions"]["libtorch"] = "2.0";
    result["returns"][0][0] = -7;
  });
  nlohmann::json verification = Verify(path, {});
  EXPECT_TRUE(verification["same"]) << verification;
  EXPECT_EQ(verification["made_with"][0]["where"], "versions.libtorch");
  EXPECT_THAT(verification["compared"].get<std::string>(), HasSubstr("intervals"));
  Edit(path, [](nlohmann::json& result) { result["last"]["ci95"] = {1000, 1001}; });
  verification = Verify(path, {});
  EXPECT_FALSE(verification["same"]);
  EXPECT_EQ(verification["differences"][0]["where"], "last.mean");
}

TEST(VerificationTest, AsManyRunsAsInTheFileAreExpected) {
  const std::string path = WrittenResult();
  EXPECT_THROW(Verify(path, {.runs = {"a", "b"}}), std::invalid_argument);
}

}  // namespace
}  // namespace longplay
