// SPDX-License-Identifier: MIT
#include "agent/evaluation/evaluation_request.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "tests/agent/pendulum_run.h"

namespace longplay {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

EvaluationRequest Request(const std::vector<std::string>& runs) {
  EvaluationRequest request;
  for (const std::string& run : runs) request.runs.push_back({run});
  request.options = DefaultOptions(request);
  return request;
}

std::string Refusal(const EvaluationRequest& request) {
  try {
    RunEvaluation(request);
  } catch (const std::exception& error) {
    return error.what();
  }
  return "evaluated";
}

TEST(EvaluationRequestTest, AFixedConfigurationAndSeedGiveTheSameReturnsTwice) {
  WritePendulumData();
  const nlohmann::json one = RunEvaluation(Request({TrainPendulum("one")}));
  const nlohmann::json two = RunEvaluation(Request({TrainPendulum("two")}));
  EXPECT_EQ(one["returns"], two["returns"]);
  EXPECT_EQ(one["runs"][0]["weights_hash"], two["runs"][0]["weights_hash"]);
  EXPECT_NE(one["returns"], RunEvaluation(Request({TrainPendulum("other", 1)}))["returns"]);
}

TEST(EvaluationRequestTest, OneRunResamplesItsEvaluationSeeds) {
  WritePendulumData();
  const std::string run = TrainPendulum("run");
  const nlohmann::json json = RunEvaluation(Request({run}));
  EXPECT_EQ(json["run"], run);
  EXPECT_EQ(json["checkpoint_step"], 8);
  EXPECT_EQ(json["returns"].size(), 3U);
  EXPECT_EQ(json["returns"][0].size(), 2U);
  EXPECT_EQ(json["by_episode"][1]["mean"], json["last"]["mean"]);
  EXPECT_EQ(json["interval"]["resampled"], "evaluation seeds of one checkpoint");
  EXPECT_EQ(json["interval"]["count"], 3);
  EXPECT_EQ(json["reference"]["source"], "data file");
  EXPECT_DOUBLE_EQ(json["normalized"]["last"]["mean"].get<double>(),
                   10 * (json["last"]["mean"].get<double>() - 2));  // 2 scores 0 and 12 scores 100
  EXPECT_EQ(json["runs"][0]["config"]["train"]["steps"], 8);
  EXPECT_EQ(json["runs"][0]["config"]["data"]["files"], nlohmann::json({"pendulum_data"}));
}

TEST(EvaluationRequestTest, SeveralRunsResampleTheRuns) {
  WritePendulumData();
  const EvaluationRequest request = Request({TrainPendulum("a", 1), TrainPendulum("b", 2)});
  int64_t last_done = 0, last_of = 0;
  const nlohmann::json json = RunEvaluation(request, [&](int64_t done, int64_t of) {
    EXPECT_GE(done, last_done);
    last_done = done;
    last_of = of;
  });
  EXPECT_EQ(last_done, 2 * 3 * 2);
  EXPECT_EQ(last_of, last_done);
  EXPECT_EQ(json["interval"]["resampled"], "training runs");
  EXPECT_EQ(json["interval"]["count"], 2);
  EXPECT_EQ(json["returns"].size(), 6U);
  const double a = json["runs"][0]["last"]["mean"], b = json["runs"][1]["last"]["mean"];
  EXPECT_DOUBLE_EQ(json["last"]["mean"].get<double>(), (a + b) / 2);
  EXPECT_TRUE(json["last"]["ci95"].is_null());  // two runs are no sample for an interval
  EXPECT_EQ(json["last"]["range"][0], std::min(a, b));
  EXPECT_EQ(json["runs"][1]["train_seed"], 2);
}

TEST(EvaluationRequestTest, RunsThatAreNotTrainingSeedsOfOnePolicyAreRefused) {
  WritePendulumData();
  const std::string run = TrainPendulum("run");
  EXPECT_THAT(Refusal(Request({run, TrainPendulum("again")})),
              HasSubstr("expected a training seed of its own, got 0 a second time"));
  RunOptions longer = PendulumRun(3);
  longer.chain.episodes = 3;
  Train(longer, EpisodeSet::Load(longer.data.files), TemporaryPath("longer"), RunStart::kFresh, {});
  EXPECT_THAT(Refusal(Request({run, TemporaryPath("longer")})),
              HasSubstr("expected chain.episodes 2 as in"));
  RunOptions elsewhere = PendulumRun(3);
  elsewhere.data.files = {WritePendulumData("other_data", 7)};
  Train(elsewhere, EpisodeSet::Load(elsewhere.data.files), TemporaryPath("elsewhere"),
        RunStart::kFresh, {});
  EXPECT_THAT(Refusal(Request({run, TemporaryPath("elsewhere")})), HasSubstr("got other data"));
}

TEST(EvaluationRequestTest, BadInputIsOneClearMessage) {
  WritePendulumData();
  EvaluationRequest request = Request({TrainPendulum("run")});
  request.options.environment = "Hoper-v5";
  EXPECT_THAT(Refusal(request), HasSubstr("Hoper-v5"));
  request.options.environment = "Hopper-v5";
  EXPECT_THAT(Refusal(request),
              HasSubstr("expected 4 observations and 1 actions as the policy was trained with, got "
                        "11 observations and 3 actions"));
  request.data = {WriteSmallData()};
  EXPECT_THAT(Refusal(request), HasSubstr("got 2 observations and 1 continuous actions"));
  request.data = {TemporaryPath("no_such_file")};
  EXPECT_THAT(Refusal(request), HasSubstr("no_such_file"));
  request.runs[0].folder = TemporaryPath("no_such_run");
  EXPECT_THAT(Refusal(request),
              HasSubstr("expected a run folder or checkpoint, got none: there is no such folder"));
}

TEST(EvaluationRequestTest, HeldOutActionsNeedNoSimulator) {
  WritePendulumData();
  EvaluationRequest request;
  request.runs = {{TrainPendulum("run")}};
  request.data = {WritePendulumData("held_out", 7)};
  request.options = DefaultOptions(request);
  EXPECT_EQ(request.options.episodes, 2);  // as trained
  request.options.environment = "no such simulator";
  const nlohmann::json json = RunEvaluation(request);
  EXPECT_EQ(json["kind"], "action_error");
  ASSERT_EQ(json["error"].size(), 2U);
  EXPECT_EQ(json["error"][1]["episode"], 1);
  EXPECT_EQ(json["error"][1]["steps"], 3 * 10);
  EXPECT_FALSE(json["training_data"]);
}

}  // namespace
}  // namespace longplay
