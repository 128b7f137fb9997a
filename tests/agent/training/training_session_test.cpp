// SPDX-License-Identifier: MIT
// What a run that goes on refuses, notes and keeps.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <csignal>
#include <filesystem>
#include <fstream>

#include "agent/runs/run_claim.h"
#include "agent/runs/run_folder.h"
#include "agent/stop_signal.h"
#include "agent/training/train.h"
#include "tests/agent/same_run.h"
#include "tests/agent/small_data.h"

namespace longplay {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;

class ResumeTest : public testing::Test {
 protected:
  ResumeTest() : set_(EpisodeSet::Load({WriteSmallData()})), options_(SmallRun(set_.info().path)) {}
  ~ResumeTest() override { ForgetStopSignal(); }

  TrainingResult TrainOn(const RunOptions& options, RunStart start) const {
    return Train(options, set_, run_, start, {});
  }
  /// What going on with `options` answers; what it notes stands on stderr.
  std::string Refusal(const RunOptions& options) const {
    try {
      TrainOn(options, RunStart::kResume);
    } catch (const std::invalid_argument& error) {
      return error.what();
    }
    return "accepted";
  }
  std::string Config() const { return Bytes(run_ + "/config.yaml"); }
  std::string Weights(int64_t step) const {
    return Bytes(CheckpointFolder(run_, step) + "/weights.safetensors");
  }

  EpisodeSet set_;
  RunOptions options_;
  std::string run_ = TemporaryPath("run");
};

TEST_F(ResumeTest, AnotherPolicyIsRefusedByKeyWithBothValuesAndNothingIsTouched) {
  TrainOn(options_, RunStart::kFresh);
  const std::string config = Config();
  options_.train.steps = 12;
  const auto refused = [&](const std::string& text, const std::function<void(RunOptions&)>& set) {
    RunOptions other = options_;
    set(other);
    EXPECT_THAT(Refusal(other), HasSubstr(text));
  };
  refused("model.heads: 2, got 4", [](RunOptions& o) { o.model.attention.heads = 4; });
  refused("model.span: 0, got 8", [](RunOptions& o) { o.model.attention.span = 8; });
  refused("chain.packing: merged, got interleaved",
          [](RunOptions& o) { o.model.tokens.layout = TokenLayout::kInterleaved; });
  refused("chain.target: chain_best, got own",
          [](RunOptions& o) { o.chain.target = ChainTarget::kOwnReturn; });
  refused("train.seed: 0, got 1", [](RunOptions& o) { o.train.seed = 1; });
  EXPECT_EQ(Config(), config);
}

TEST_F(ResumeTest, AnotherScheduleIsNotedWithTheRateThatItMakes) {
  TrainOn(options_, RunStart::kFresh);
  options_.train.steps = 80;
  testing::internal::CaptureStderr();
  EXPECT_EQ(TrainOn(options_, RunStart::kResume).steps, 80);
  EXPECT_THAT(
      testing::internal::GetCapturedStderr(),
      AllOf(HasSubstr("note: another schedule from here on: train.steps: 8, got 80"),
            // 3e-3 (0.1 + 0.45 (1 + cos(pi 8 / 8))) and the same of 8 / 80.
            HasSubstr("the learning rate of step 9 would have been 0.0003 and is 0.00293")));
}

TEST_F(ResumeTest, EvaluationAndOutputMayChange) {
  TrainOn(options_, RunStart::kFresh);
  const std::string weights = Weights(8);
  options_.evaluate.episodes = 9;
  options_.train.log_every = 1;
  testing::internal::CaptureStderr();
  TrainOn(options_, RunStart::kResume);
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  EXPECT_EQ(Weights(8), weights);
  EXPECT_THAT(Config(), HasSubstr("episodes: 9"));
}

TEST_F(ResumeTest, ADamagedNewestCheckpointGivesWayToTheOneBefore) {
  Train(options_, set_, TemporaryPath("whole"), RunStart::kFresh, {});
  TrainOn(options_, RunStart::kFresh);
  for (const char* file : {"weights.safetensors", "training.safetensors", "policy.json",
                           "sampler.txt", "log.json", "config.yaml"}) {
    fs::resize_file(CheckpointFolder(run_, 8) + "/" + file, 10);
    testing::internal::CaptureStderr();
    EXPECT_EQ(TrainOn(options_, RunStart::kResume).steps, 8) << file;
    EXPECT_THAT(testing::internal::GetCapturedStderr(),
                AllOf(HasSubstr(file), HasSubstr("going on from step 4 in its place")));
    ExpectSameCheckpoint(TemporaryPath("whole"), run_);
  }
  // Empty, it would be that of another policy.
  fs::resize_file(CheckpointFolder(run_, 8) + "/config.yaml", 0);
  TrainOn(options_, RunStart::kResume);
  ExpectSameCheckpoint(TemporaryPath("whole"), run_);
  for (const int64_t step : {4, 8}) {
    fs::resize_file(CheckpointFolder(run_, step) + "/weights.safetensors", 10);
  }
  EXPECT_ANY_THROW(TrainOn(options_, RunStart::kResume));
}

// Its draws were those of whatever the generator's text began with.
TEST_F(ResumeTest, DrawsThatGoOnBehindTheirTextAreDamage) {
  TrainOn(options_, RunStart::kFresh);
  const std::string sampler = CheckpointFolder(run_, 8) + "/sampler.txt";
  std::ofstream(sampler, std::ios::app) << " 17";
  testing::internal::CaptureStderr();
  TrainOn(options_, RunStart::kResume);
  EXPECT_THAT(testing::internal::GetCapturedStderr(),
              HasSubstr(sampler + ": expected where the draws stood, got something else"));
}

// The damaged one was the newest, and with fewer to keep the only one that stayed.
TEST_F(ResumeTest, ADamagedCheckpointIsSetAsideAndDoesNotOutliveWholeOnes) {
  Train(options_, set_, TemporaryPath("whole"), RunStart::kFresh, {});
  TrainOn(options_, RunStart::kFresh);
  fs::resize_file(CheckpointFolder(run_, 8) + "/weights.safetensors", 10);
  options_.train.checkpoint_every = 3;
  options_.train.keep_checkpoints = 1;
  EXPECT_THROW(Train(options_, set_, run_, RunStart::kResume,
                     [](const TrainingProgress& progress) {
                       if (progress.step == 8) throw std::runtime_error("killed");
                     }),
               std::runtime_error);
  EXPECT_THAT(CheckpointSteps(run_), testing::ElementsAre(6));
  EXPECT_TRUE(fs::exists(CheckpointFolder(run_, 8) + ".damaged"));
  TrainOn(options_, RunStart::kResume);
  ExpectSameCheckpoint(TemporaryPath("whole"), run_);
}

/// Has nothing to measure on.
class NothingToMeasure : public StepEvaluator {
 public:
  std::vector<std::string> columns() const override { return {"validation_error"}; }
  std::vector<double> Measure(const TensorMap&, const PolicyRecord&) override {
    return {std::nan("")};
  }
};

// JSON wrote what is no number as null, and a checkpoint with one could not be read again.
TEST_F(ResumeTest, ACheckpointWithAMeasureThatIsNoNumberIsGoneOnFrom) {
  options_.train.log_every = 4;
  options_.train.checkpoint_every = 3;
  options_.evaluate.every = 3;
  NothingToMeasure evaluator;
  EXPECT_THROW(Train(
                   options_, set_, run_, RunStart::kFresh,
                   [](const TrainingProgress& progress) {
                     if (progress.step == 4) throw std::runtime_error("killed");
                   },
                   &evaluator),
               std::runtime_error);
  EXPECT_EQ(Train(options_, set_, run_, RunStart::kResume, {}, &evaluator).steps, 8);
}

TEST_F(ResumeTest, TheFirstRowAveragesWhatAnUninterruptedRunWould) {
  options_.train.log_every = 4;
  options_.train.checkpoint_every = 3;
  Train(options_, set_, TemporaryPath("whole"), RunStart::kFresh, {});
  // Its newest checkpoint is that of step 3, the row of step 4 is lost.
  EXPECT_THROW(Train(options_, set_, run_, RunStart::kFresh,
                     [](const TrainingProgress& progress) {
                       if (progress.step == 4) throw std::runtime_error("killed");
                     }),
               std::runtime_error);
  TrainOn(options_, RunStart::kResume);
  const auto losses = [](const std::string& run) {
    std::ifstream file(run + "/metrics.csv");
    std::string text, line;
    while (std::getline(file, line))
      text += line.substr(0, line.find(',', line.find(',') + 1)) + "\n";
    return text;
  };
  EXPECT_EQ(losses(run_), losses(TemporaryPath("whole")));
}

TEST_F(ResumeTest, ASignalEndsTheStepAndSavesEverything) {
  Train(options_, set_, TemporaryPath("whole"), RunStart::kFresh, {});
  CatchStopSignals();
  options_.train.checkpoint_every = 1000;
  try {
    Train(options_, set_, run_, RunStart::kFresh, [](const TrainingProgress& progress) {
      if (progress.step == 2) std::raise(SIGTERM);
    });
    FAIL() << "expected to be stopped";
  } catch (const StoppedBySignal& stopped) {
    EXPECT_THAT(stopped.what(), HasSubstr("stopped by SIGTERM after step 2 of 8"));
    EXPECT_EQ(stopped.resume(), "longplay train --resume " + run_);
  }
  EXPECT_THAT(CheckpointSteps(run_), testing::ElementsAre(2));
  ForgetStopSignal();
  options_.train.checkpoint_every = 4;
  TrainOn(options_, RunStart::kResume);
  ExpectSameCheckpoint(TemporaryPath("whole"), run_);
}

TEST_F(ResumeTest, TheLineThatGoesOnIsOneForAShell) {
  CatchStopSignals();
  const std::string run = TemporaryPath("my run; $HOME");
  try {
    Train(options_, set_, run, RunStart::kFresh,
          [](const TrainingProgress&) { std::raise(SIGTERM); });
    FAIL() << "expected to be stopped";
  } catch (const StoppedBySignal& stopped) {
    EXPECT_EQ(stopped.resume(), "longplay train --resume '" + run + "'");
  }
}

TEST_F(ResumeTest, CheckpointsAlsoGoByTime) {
  options_.train.checkpoint_every = 1000;
  options_.train.checkpoint_minutes = 1e-9;
  options_.train.keep_checkpoints = 100;
  TrainOn(options_, RunStart::kFresh);
  EXPECT_THAT(CheckpointSteps(run_), testing::ElementsAre(1, 2, 3, 4, 5, 6, 7, 8));
}

TEST_F(ResumeTest, ATrainingOfWhichNoStepCountedFails) {
  // Finite in the file, infinite in the float32 that the network sees.
  const EpisodeSet huge = EpisodeSet::Load({WriteSmallData(0.125, true)});
  options_.train.max_bad_steps = 1000;
  for (const RunStart start : {RunStart::kFresh, RunStart::kResume}) {
    try {
      Train(options_, huge, run_, start, {});
      ADD_FAILURE() << "expected an error";
    } catch (const std::runtime_error& error) {
      EXPECT_THAT(error.what(), HasSubstr("expected a finite loss in some step, got none in 8"));
    }
  }
}

TEST_F(ResumeTest, ARunThatAnotherProcessTookOverIsLeftToIt) {
  options_.train.log_every = 1;
  const auto take_over = [&](const TrainingProgress& progress) {
    if (progress.step != 5) return;
    fs::remove(ClaimFile(run_));
    std::ofstream(ClaimFile(run_)) << "process 17 on another-machine";
  };
  try {
    Train(options_, set_, run_, RunStart::kFresh, take_over);
    FAIL() << "expected an error";
  } catch (const ClaimLost& lost) {
    EXPECT_THAT(lost.what(), HasSubstr("training: " + run_ +
                                       ": expected no other process to write "
                                       "it, got process 17 on another-"));
  }
  // Nothing was written after that.
  EXPECT_THAT(CheckpointSteps(run_), testing::ElementsAre(4));
  EXPECT_THAT(Bytes(run_ + "/metrics.csv"), testing::Not(HasSubstr("\n6,")));
  EXPECT_TRUE(fs::exists(ClaimFile(run_)));
}

TEST_F(ResumeTest, TwoTrainingsInOneFolderAreRefused) {
  const auto other = RunClaim::Try(ClaimFile(run_));
  ASSERT_TRUE(other);
  try {
    TrainOn(options_, RunStart::kFresh);
    FAIL() << "expected an error";
  } catch (const std::invalid_argument& error) {
    EXPECT_THAT(error.what(), HasSubstr("expected no other process to write it, got process "));
  }
  EXPECT_FALSE(fs::exists(run_ + "/config.yaml"));
}

}  // namespace
}  // namespace longplay
