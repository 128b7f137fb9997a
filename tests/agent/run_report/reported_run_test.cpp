// SPDX-License-Identifier: MIT
#include "agent/run_report/reported_run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>

#include "agent/evaluation/evaluation_request.h"
#include "agent/evaluation/result_file.h"
#include "tests/agent/pendulum_run.h"

namespace longplay {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;

std::string ErrorOf(const std::vector<std::string>& paths) {
  try {
    ReadReportedRuns(paths);
  } catch (const std::invalid_argument& error) {
    return error.what();
  }
  return "read";
}

/// Plays a run with that many contexts; the result is where `longplay eval` puts it.
nlohmann::json Played(const std::vector<std::string>& folders, int64_t seeds) {
  EvaluationRequest request;
  for (const std::string& folder : folders) request.runs.push_back({folder});
  request.options = DefaultOptions(request);
  request.options.seeds = seeds;
  const nlohmann::json result = RunEvaluation(request);
  WriteResult(DefaultResultPath(result), result);
  return result;
}

TEST(ReportedRunTest, ARunIsItsConfigurationItsCurveItsNewestResultAndItsFilms) {
  WritePendulumData();
  const std::string folder = TrainPendulum("pole", 3), other = TrainPendulum("other", 4);
  EXPECT_FALSE(ReadReportedRuns({folder})[0].play);
  Played({folder}, 2);
  const auto old = fs::directory_iterator(folder + "/evaluations")->path();
  fs::last_write_time(old, fs::file_time_type::clock::now() - std::chrono::hours(1));
  const nlohmann::json result = Played({folder}, 3);
  Played({folder, other}, 4);  // of two runs: what it says is of neither alone
  std::ofstream(folder + "/b.mp4") << "x";

  const std::vector<ReportedRun> runs = ReadReportedRuns({folder + "/", folder});
  ASSERT_EQ(runs.size(), 1U);  // named twice
  const ReportedRun& run = runs[0];
  EXPECT_EQ(run.name, "pole");
  EXPECT_EQ(run.steps, 8);
  EXPECT_EQ(run.options.train.seed, 3U);
  EXPECT_EQ(run.metrics.losses.size(), run.metrics.steps.size());
  EXPECT_FALSE(run.metrics.steps.empty());
  EXPECT_FALSE(run.data_hash.empty());
  ASSERT_TRUE(run.play);
  EXPECT_EQ(run.play->environment, "InvertedPendulum-v5");
  EXPECT_EQ(run.play->returns, result["returns"].get<std::vector<std::vector<double>>>());
  EXPECT_EQ(run.options.evaluate.seeds, 3);
  EXPECT_EQ(run.play->scored_episode, 2U);
  EXPECT_THAT(run.videos, ElementsAre(folder + "/b.mp4"));
}

TEST(ReportedRunTest, OfErrorsTheMeansAreRead) {
  const std::string data = WritePendulumData();
  const std::string folder = TrainPendulum("pole");
  EvaluationRequest request{.runs = {{folder}}, .data = {data}};
  request.options = DefaultOptions(request);
  const nlohmann::json result = RunEvaluation(request);
  WriteResult(DefaultResultPath(result), result);
  const ReportedRun run = ReadReportedRuns({folder})[0];
  ASSERT_TRUE(run.play);
  EXPECT_FALSE(run.play->plays());
  EXPECT_EQ(run.play->returns[0][0], result["error"][0]["mean"]);
}

TEST(ReportedRunTest, WhatIsNoRunIsRefusedInOneLine) {
  WritePendulumData();
  const std::string folder = TrainPendulum("pole"), empty = TemporaryPath("empty");
  fs::create_directories(empty);
  const std::string start = ": expected a folder of `longplay train` or `longplay compare`, got ";
  EXPECT_EQ(ErrorOf({folder, "nowhere"}),
            "reporting: nowhere" + start + "none: there is no such folder");
  EXPECT_EQ(ErrorOf({folder + "/config.yaml"}),
            "reporting: " + folder + "/config.yaml" + start + "a file");
  EXPECT_EQ(ErrorOf({empty}),
            "reporting: " + empty + start + "one without config.yaml and comparison.json");
  EXPECT_EQ(ErrorOf({folder + "/checkpoints/step_8"}),
            "reporting: " + folder + "/checkpoints/step_8" + start +
                "a checkpoint (name the run's folder, two above it)");
}

TEST(ReportedRunTest, MeansLeaveOutWhatIsNotThere) {
  const MeasuredPlay play{.environment = "", .returns = {{1, NAN}, {3, 5}, {8}}};
  EXPECT_EQ(MeanOfEpisode(play, 1), 4);
  EXPECT_EQ(MeanOfEpisode(play, 2), 5);
  EXPECT_TRUE(std::isnan(MeanOfEpisode(play, 3)));
  EXPECT_THAT(ValuesOfEpisode(play, 1), ElementsAre(1, 3, 8));
}

}  // namespace
}  // namespace longplay
