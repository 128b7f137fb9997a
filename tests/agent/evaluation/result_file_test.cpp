// SPDX-License-Identifier: MIT
#include "agent/evaluation/result_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/agent/pendulum_run.h"

namespace longplay {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;

/// An evaluation of a run in `folder`/run, and the file it was written to.
std::string WrittenResult(const std::string& folder) {
  WritePendulumData();
  EvaluationRequest request;
  request.runs = {{TrainPendulum(folder + "/run")}};
  request.options = DefaultOptions(request);
  const std::string path = TemporaryPath(folder + "/results/pendulum.json");
  WriteResult(path, RunEvaluation(request));
  return path;
}

std::string Refusal(const std::string& path) {
  try {
    ReadResult(path);
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "read";
}

TEST(ResultFileTest, RunsAreNamedFromTheFileSoThatBothCanMove) {
  const std::string path = WrittenResult("here");
  const nlohmann::json stored = nlohmann::json::parse(std::ifstream(path));
  EXPECT_EQ(stored["run"], "../run");
  EXPECT_EQ(stored["runs"][0]["run"], "../run");
  EXPECT_THAT(stored.dump(), testing::Not(HasSubstr(testing::TempDir())));
  fs::rename(TemporaryPath("here"), TemporaryPath("there"));
  const nlohmann::json moved = ReadResult(TemporaryPath("there/results/pendulum.json"));
  EXPECT_TRUE(
      fs::equivalent(moved["runs"][0]["run"].get<std::string>(), TemporaryPath("there/run")));
}

TEST(ResultFileTest, HoldsAllThatIsNeededToAskAgain) {
  const nlohmann::json result = ReadResult(WrittenResult("here"));
  for (const char* key : {"longplay", "libtorch", "mujoco"}) {
    EXPECT_TRUE(result["versions"].contains(key)) << key;
  }
  const EvaluationRequest request = RequestOf(result);
  ASSERT_EQ(request.runs.size(), 1U);
  EXPECT_EQ(request.runs[0].checkpoint.rule, CheckpointRule::kStep);  // whatever is last by then
  EXPECT_EQ(request.runs[0].checkpoint.step, 8);
  EXPECT_EQ(request.options.environment, "InvertedPendulum-v5");
  EXPECT_EQ(request.options.seeds, 3);
  EXPECT_EQ(request.options.seed, 1000U);
  EXPECT_FALSE(request.options.target.has_value());
}

TEST(ResultFileTest, TheDefaultPlaceIsInTheRunAndNamedByWhatWasAsked) {
  nlohmann::json result = ReadResult(WrittenResult("here"));
  const std::string path = DefaultResultPath(result);
  EXPECT_THAT(path, MatchesRegex(".*/run/evaluations/returns_last-8_2x3_[0-9a-f]+\\.json"));
  result["options"]["target"] = 5;
  EXPECT_NE(DefaultResultPath(result), path);
  result["runs"][0]["run"] = TemporaryPath("here/run/checkpoints/step_6");
  EXPECT_THAT(DefaultResultPath(result), HasSubstr("/here/run/evaluations/"));
}

TEST(ResultFileTest, WhatIsNoResultIsRefused) {
  const std::string path = WrittenResult("here");
  EXPECT_THAT(Refusal(TemporaryPath("none.json")),
              HasSubstr("expected a result file, got none: there is no such file"));
  nlohmann::json result = nlohmann::json::parse(std::ifstream(path));
  result["schema"] = 99;
  std::ofstream(path) << result;
  EXPECT_THAT(Refusal(path), HasSubstr("a newer longplay wrote it"));
  result["schema"] = 1;
  result["options"]["episodes"] = "many";
  std::ofstream(path) << result;
  EXPECT_THAT(Refusal(path), HasSubstr("evaluate.episodes: expected an integer"));
  result.erase("runs");
  std::ofstream(path) << result;
  EXPECT_THAT(Refusal(path), HasSubstr("expected a result of longplay eval"));
  std::ofstream(path) << "{";
  EXPECT_THAT(Refusal(path), HasSubstr("expected a result of longplay eval"));
  std::ofstream(path) << "seeds: 3\n";
  EXPECT_THAT(Refusal(path), HasSubstr("got a file that is no JSON"));
  EXPECT_THAT(Refusal(TemporaryPath("here")), HasSubstr("results of a run are in RUN/evaluations"));
}

TEST(ResultFileTest, AFailedWriteLeavesWhatWasThere) {
  const std::string path = WrittenResult("here");
  const nlohmann::json result = ReadResult(path);
  EXPECT_THROW(WriteResult(path + "/below_a_file.json", result), std::runtime_error);
  EXPECT_EQ(ReadResult(path), result);
}

}  // namespace
}  // namespace longplay
