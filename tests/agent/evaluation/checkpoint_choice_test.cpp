// SPDX-License-Identifier: MIT
#include "agent/evaluation/checkpoint_choice.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

#include "agent/evaluation/evaluation.h"
#include "tests/agent/pendulum_run.h"

namespace longplay {
namespace {

using ::testing::HasSubstr;

std::string TrainedRun() {
  WritePendulumData();
  return TrainPendulum("run");
}

std::string Refusal(const std::string& run, const CheckpointChoice& choice) {
  try {
    ChooseCheckpoint(run, choice, PendulumRun(0).evaluate, torch::kCPU);
  } catch (const std::exception& error) {
    return error.what();
  }
  return "chosen";
}

TEST(CheckpointChoiceTest, LastBestAndStepsAreRead) {
  EXPECT_EQ(ParseCheckpointChoice("last").rule, CheckpointRule::kLast);
  EXPECT_EQ(ParseCheckpointChoice("best").rule, CheckpointRule::kBest);
  EXPECT_EQ(ParseCheckpointChoice("500").step, 500);
  for (const char* text : {"newest", "-1", "5x", ""}) {
    EXPECT_THROW(ParseCheckpointChoice(text), std::invalid_argument) << text;
  }
}

TEST(CheckpointChoiceTest, TheBestHasTheHighestLastEpisodeOnSeedsThatAreNotScored) {
  const std::string run = TrainedRun();
  EvaluateOptions options = LoadPolicy(run, torch::kCPU).record.options.evaluate;
  int64_t episodes = 0;
  const ChosenCheckpoint best =
      ChooseCheckpoint(run, {.rule = CheckpointRule::kBest, .selection_seeds = 4}, options,
                       torch::kCPU, [&](int64_t done) { episodes = done; });
  EXPECT_EQ(episodes, 3 * 4 * 2);
  EXPECT_EQ(best.choice, "best");
  EXPECT_EQ(best.selection_seed, options.seed + 1000000);
  EXPECT_EQ(best.selection_seeds, 4);
  ASSERT_EQ(best.scores.size(), 3U);

  options.seed = best.selection_seed;
  options.seeds = 4;
  CheckpointScore highest;
  for (const CheckpointScore& score : best.scores) {
    const LoadedPolicy policy = LoadPolicy(CheckpointFolder(run, score.step), torch::kCPU);
    EXPECT_EQ(score.last, Evaluate(policy, options).last().value);
    if (score.last >= highest.last) highest = score;
  }
  EXPECT_EQ(best.policy.record.step, highest.step);
}

TEST(CheckpointChoiceTest, LastStepAndGivenAreNamedSo) {
  const std::string run = TrainedRun();
  const EvaluateOptions options;
  const auto choose = [&](const std::string& path, const CheckpointChoice& choice) {
    return ChooseCheckpoint(path, choice, options, torch::kCPU);
  };
  EXPECT_EQ(choose(run, {}).choice, "last");
  EXPECT_EQ(choose(run, {}).policy.record.step, 8);
  const ChosenCheckpoint step = choose(run, {.rule = CheckpointRule::kStep, .step = 4});
  EXPECT_EQ(step.choice, "step");
  EXPECT_EQ(step.policy.record.step, 4);
  EXPECT_EQ(choose(run + "/checkpoints/step_6", {}).choice, "given");
}

TEST(CheckpointChoiceTest, WhatIsNotThereIsRefused) {
  const std::string run = TrainedRun();
  EXPECT_THAT(Refusal(run, {.rule = CheckpointRule::kStep, .step = 5}),
              HasSubstr("expected one of the steps 4, 6, 8, which the run has kept, got 5"));
  EXPECT_THAT(Refusal(run + "/checkpoints/step_6", {.rule = CheckpointRule::kBest}),
              HasSubstr("expected a run folder to choose from, got one checkpoint"));
  EXPECT_THAT(Refusal(TemporaryPath("nothing"), {.rule = CheckpointRule::kBest}),
              HasSubstr("expected a run folder or checkpoint, got "));
  EXPECT_THAT(Refusal(run, {.rule = CheckpointRule::kBest, .selection_seeds = 1000001}),
              HasSubstr("seeds: expected at most 1000000, got 1000001"));
}

}  // namespace
}  // namespace longplay
