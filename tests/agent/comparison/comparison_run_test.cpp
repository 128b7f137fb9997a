// SPDX-License-Identifier: MIT
#include "agent/comparison/comparison_run.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "agent/collecting/collect.h"
#include "agent/comparison/comparison_plan.h"
#include "agent/runs/run_folder.h"
#include "tests/temporary_folder.h"

namespace longplay {
namespace {

namespace fs = std::filesystem;

/// One run of a policy that chooses among five actions.
class ComparisonRunTest : public testing::Test {
 protected:
  ComparisonRunTest() : plan_(PlanComparison(ParseComparison(Config(), "one.yaml", {}))) {}

  static std::string Config() {
    const std::string data = TemporaryPath("grid.hdf5");
    Collect({.environment = "family/grid-goal-v0?size=3",
             .steps = 8 * 20,
             .out = data,
             .algorithm = CollectAlgorithm::kRandom},
            {});
    return "data: {files: [" + data +
           "]}\n"
           "model: {layers: 1, width: 16, heads: 2}\n"
           "train: {steps: 4, tokens_per_step: 80, warmup_steps: 1, log_every: 1, "
           "checkpoint_every: 2}\n"
           "evaluate: {episodes: 2, seeds: 2}\n"
           "compare: {grid: {chain.episodes: [2]}, seeds: 1, budgets: [steps]}\n";
  }
  RunWork Work() const {
    return {.options = plan_.options[0],
            .data = plan_.data[0],
            .validation = plan_.validation[0],
            .held_out = plan_.held_out[0],
            .folder = run_,
            .hashes = plan_.comparison.runs[0].hashes};
  }

  ComparisonPlan plan_;
  std::string run_ = TemporaryPath("run");
};

// It was taken for a policy that does not act: its costs were 0.
TEST_F(ComparisonRunTest, WhatAnActionCostsIsMeasuredOfDiscretePoliciesToo) {
  const RunOutcome outcome = PerformRun(Work(), {});
  EXPECT_GT(outcome.milliseconds_per_action, 0);
  EXPECT_GT(outcome.action_context, 0);
  EXPECT_GT(outcome.state_bytes, 0);
}

// The rate is that of steps which count, and all steps were divided by it.
TEST_F(ComparisonRunTest, TrainingTookNoLongerForStepsThatWereSkipped) {
  TrainRun(Work(), {});
  std::ofstream(run_ + "/metrics.csv") << "step,loss,steps_per_second,tokens_per_second,skipped\n"
                                       << "10,1,5,1,0\n"     // 10 steps in 2 s
                                       << "20,1,3,1,4\n"     // 6 of 10 in 2 s
                                       << "30,nan,0,0,14\n"  // none
                                       << "40,1,2,1,14\n";   // 10 in 5 s
  EXPECT_DOUBLE_EQ(PerformRun(Work(), {}).train_seconds, 9);
}

// Without its configuration it looked like a run of the defaults: as another run, which is refused.
TEST_F(ComparisonRunTest, ADamagedNewestCheckpointIsGoneOnFromTheOneBefore) {
  TrainRun(Work(), {});
  ASSERT_EQ(StateOf(Work()), RunState::kTrained);
  fs::remove(CheckpointFolder(run_, 4) + "/config.yaml");
  EXPECT_EQ(StateOf(Work()), RunState::kStarted);
  RefuseAnotherRun(Work());
  int64_t first = -1;
  TrainRun(Work(), {.on_training = [&](const TrainingProgress& p) { first = p.first; },
                    .on_trained = {},
                    .on_evaluating = {}});
  EXPECT_EQ(first, 2);
  EXPECT_EQ(StateOf(Work()), RunState::kTrained);
}

TEST_F(ComparisonRunTest, WhereAllCheckpointsAreDamagedTrainingSaysWhatIsWrong) {
  TrainRun(Work(), {});
  for (const int64_t step : CheckpointSteps(run_)) {
    fs::resize_file(CheckpointFolder(run_, step) + "/config.yaml", 0);
  }
  EXPECT_EQ(StateOf(Work()), RunState::kStarted);
  EXPECT_THROW(TrainRun(Work(), {}), std::runtime_error);
}

}  // namespace
}  // namespace longplay
