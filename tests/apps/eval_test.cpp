// SPDX-License-Identifier: MIT
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/apps/program.h"

namespace longplay {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::StartsWith;

/// Two training seeds of a policy that has learnt nothing, runs a and b.
void TrainTwoRuns() {
  const std::string data = TemporaryPath("data.hdf5");
  ASSERT_EQ(
      RunProgram("collect --env InvertedPendulum-v5 --algorithm random --steps 120 --out " + data)
          .code,
      0);
  for (const char* run : {"a", "b"}) {
    const Outcome trained = RunProgram(
        "train --data " + data + " --out " + TemporaryPath(run) +
        " train.steps=4 train.checkpoint_every=2 train.tokens_per_step=64 model.layers=1 "
        "model.width=16 model.heads=2 chain.episodes=2 evaluate.episodes=2 evaluate.seeds=2 "
        "train.seed=" +
        std::to_string(run[0]));
    ASSERT_EQ(trained.code, 0) << trained.error;
  }
}

/// One line that starts with "error: ", nothing on stdout, exit code 1.
void ExpectRefusal(const std::string& arguments, const std::string& reason) {
  const Outcome outcome = RunProgram("eval " + arguments);
  EXPECT_EQ(outcome.code, 1) << arguments;
  EXPECT_EQ(outcome.out, "") << arguments;
  EXPECT_THAT(outcome.error, StartsWith("error: ")) << arguments;
  EXPECT_THAT(outcome.error, HasSubstr(reason)) << arguments;
  EXPECT_EQ(std::ranges::count(outcome.error, '\n'), 1) << outcome.error;
}

TEST(EvalTest, EvaluatesSavesAndVerifies) {
  TrainTwoRuns();
  const std::string a = TemporaryPath("a"), b = TemporaryPath("b");
  const Outcome both = RunProgram("eval " + a + " " + b + " --checkpoint best --json");
  ASSERT_EQ(both.code, 0) << both.error;
  const nlohmann::json json = nlohmann::json::parse(both.out);
  EXPECT_EQ(json["interval"]["resampled"], "training runs");
  EXPECT_EQ(json["runs"][0]["checkpoint"]["selection"]["scores"].size(), 2U);
  ASSERT_EQ(std::distance(fs::directory_iterator(a + "/evaluations"), {}), 1);
  const std::string saved = fs::directory_iterator(a + "/evaluations")->path();
  const Outcome same = RunProgram("eval --verify " + saved + " --json");
  EXPECT_EQ(same.code, 0) << same.out;
  EXPECT_EQ(nlohmann::json::parse(same.out)["same"], true);

  // The weights of another step: found, and said in one line beside the list.
  fs::remove_all(a + "/checkpoints/step_4");
  fs::copy(b + "/checkpoints/step_4", a + "/checkpoints/step_4");
  const Outcome other = RunProgram("eval --verify " + saved + " --json");
  EXPECT_EQ(other.code, 1);
}

TEST(EvalTest, HeldOutActionsNeedNoSimulator) {
  TrainTwoRuns();
  const Outcome outcome = RunProgram("eval " + TemporaryPath("a") + " --data " +
                                     TemporaryPath("data.hdf5") + " --seeds 4 --json");
  ASSERT_EQ(outcome.code, 0) << outcome.error;
  const nlohmann::json json = nlohmann::json::parse(outcome.out);
  ASSERT_EQ(json["error"].size(), 2U);
  EXPECT_EQ(json["error"][0]["ci95"].size(), 2U);
}

TEST(EvalTest, BadInputIsOneLineAndExitCodeOne) {
  TrainTwoRuns();
  const std::string a = TemporaryPath("a"), none = TemporaryPath("none");
  ExpectRefusal(none, "expected a run folder or checkpoint, got none");
  ExpectRefusal(a + " --env Hoper-v5", "Hoper-v5");
  ExpectRefusal(a + " --env Hopper-v5", "expected 4 observations and 1 actions");
  ExpectRefusal(a + " --checkpoint 3",
                "expected one of the steps 2, 4, which the run has kept, got 3");
  ExpectRefusal(a + " --checkpoint newest", "expected last, best or a step, got newest");
  ExpectRefusal(a + " --target high", "expected a number or max, got high");
  ExpectRefusal(a + " " + a, "expected a training seed of its own");
  ExpectRefusal(a + " --episodes 1 --last-context sorted", "last_context: expected as_played");
  ExpectRefusal(a + " --context one_episode --last-context sorted", "expected as_played");
  ExpectRefusal(a + " --data " + none, "none");
  ExpectRefusal("--verify " + none, "expected a result file, got none");
  ExpectRefusal("--verify " + a + "/config.yaml", "expected a result of longplay eval");
  const std::string other = TemporaryPath("other.json");
  std::ofstream(other) << "{\"excess\": []}";
  ExpectRefusal("--verify " + other, "got a file of something else");
  const std::string weights = a + "/checkpoints/step_4/weights.safetensors";
  fs::resize_file(weights, fs::file_size(weights) / 2);
  ExpectRefusal(a, "weights.safetensors");
  EXPECT_FALSE(fs::exists(a + "/evaluations"));
}

TEST(EvalTest, WrongUsageIsExitCodeTwo) {
  for (const char* arguments : {"eval", "eval run --sedes 3", "eval run --seeds 0"}) {
    const Outcome outcome = RunProgram(arguments);
    EXPECT_EQ(outcome.code, 2) << arguments;
    EXPECT_THAT(outcome.error, StartsWith("error: usage: ")) << arguments;
  }
}

// A task without physics and with discrete actions: collected, learnt from and played.
TEST(EvalTest, PlaysAPolicyWithACategoricalHead) {
  const std::string data = TemporaryPath("grid.hdf5"), run = TemporaryPath("grid");
  const Outcome collected =
      RunProgram("collect --env family/grid-goal-v0 --algorithm random --steps 400 --out " + data);
  ASSERT_EQ(collected.code, 0) << collected.error;
  const Outcome trained = RunProgram(
      "train --data " + data + " --out " + run +
      " train.steps=4 train.tokens_per_step=64 model.layers=1 model.width=16 model.heads=2 "
      "chain.episodes=2 chain.source=history");
  ASSERT_EQ(trained.code, 0) << trained.error;
  for (const std::string act : {"mean", "sample"}) {
    const std::string command = "eval " + run + " --act " + act + " --episodes 3 --seeds 8 --json";
    const Outcome played = RunProgram(command);
    ASSERT_EQ(played.code, 0) << played.error;
    const nlohmann::json json = nlohmann::json::parse(played.out);
    EXPECT_EQ(json["environment"], "family/grid-goal-v0");
    EXPECT_EQ(json["lengths"], std::vector(8, std::vector<int64_t>(3, 20)));
    EXPECT_EQ(json["returns"], nlohmann::json::parse(RunProgram(command).out)["returns"]);
  }
  ExpectRefusal(run + " --env family/point-goal-v0",
                "expected 2 observations and 5 discrete actions as the policy was trained with, "
                "got 4 observations and 2 actions");
  const Outcome filmed = RunProgram("render " + run + " --out " + TemporaryPath("grid.mp4"));
  EXPECT_EQ(filmed.code, 1);
  EXPECT_EQ(filmed.error,
            "error: filming: family/grid-goal-v0: expected a task that has pictures, got one "
            "without\n");
}

}  // namespace
}  // namespace longplay
