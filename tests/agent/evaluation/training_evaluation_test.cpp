// SPDX-License-Identifier: MIT
#include "agent/evaluation/training_evaluation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <map>
#include <random>
#include <sstream>

#include "agent/batches/load_data.h"
#include "agent/batches/training_batch.h"
#include "agent/collecting/collect.h"
#include "agent/evaluation/action_error.h"
#include "agent/evaluation/evaluation.h"
#include "agent/learners/sequence_learner.h"
#include "agent/training/fit_to_data.h"
#include "agent/training/train.h"
#include "tests/agent/same_run.h"
#include "tests/agent/small_data.h"

namespace longplay {
namespace {

using ::testing::ElementsAre;

/// A column of metrics.csv by step.
std::map<int64_t, double> Column(const std::string& run, const std::string& name) {
  std::ifstream file(run + "/metrics.csv");
  std::string line, cell;
  std::getline(file, line);
  int64_t at = -1, i = 0;
  for (std::istringstream header(line); std::getline(header, cell, ','); ++i) {
    if (cell == name) at = i;
  }
  EXPECT_GE(at, 0) << name;
  std::map<int64_t, double> column;
  while (std::getline(file, line)) {
    std::istringstream row(line);
    for (i = 0; std::getline(row, cell, ','); ++i) {
      if (i == at) column[std::atoll(line.c_str())] = std::strtod(cell.c_str(), nullptr);
    }
  }
  return column;
}

/// Eight episodes of a task that is quickly played.
RunOptions PlayableRun() {
  const std::string data = TemporaryPath("goals");
  Collect({.environment = "family/point-goal-v0",
           .steps = 2 * 8 * 20,
           .out = data,
           .algorithm = CollectAlgorithm::kSearch,
           .episodes_per_history = 8},
          {});
  RunOptions options = SmallRun(data);
  options.evaluate.environment = "family/point-goal-v0";
  options.evaluate.episodes = 2;
  options.evaluate.seeds = 3;
  options.evaluate.every = 4;
  options.evaluate.every_seeds = 2;
  return options;
}

TEST(TrainingEvaluationTest, ItMeasuresWhatAnEvaluationOfTheCheckpointMeasures) {
  RunOptions options = PlayableRun();
  options.data.validation = 0.25;
  const auto [set, validation] = LoadTrainingData(options);
  ASSERT_TRUE(validation);
  TrainingEvaluation evaluation(FitToData(options, set), validation);
  EXPECT_THAT(evaluation.columns(), ElementsAre("return_first", "return_last", "return_mean",
                                                "validation_loss", "validation_error"));
  const std::string run = TemporaryPath("run");
  Train(options, set, run, RunStart::kFresh, {}, &evaluation);

  const LoadedPolicy policy = LoadPolicy(CheckpointFolder(run, 4), torch::kCPU);
  EvaluateOptions play = policy.record.options.evaluate;
  play.seeds = 2;
  const EvaluationResult result = Evaluate(policy, play);
  EXPECT_NEAR(Column(run, "return_last")[4], result.last().value, 1e-9);
  EXPECT_NEAR(Column(run, "return_first")[4], result.first().value, 1e-9);
  const ActionErrorResult errors =
      MeasureActionError(policy, *validation, {.chains = 3, .seed = options.evaluate.seed});
  double error = 0, steps = 0;
  for (const auto& chain : errors.by_episode) {
    for (const PlaceSums& sums : chain) error += sums.error, steps += sums.steps;
  }
  EXPECT_NEAR(Column(run, "validation_error")[4], error / steps, 1e-9);
  // Only where it was asked for: rows of steps 2 and 6 have none.
  EXPECT_TRUE(std::isnan(Column(run, "validation_error")[2]));
  EXPECT_FALSE(std::isnan(Column(run, "validation_error")[8]));
}

TEST(TrainingEvaluationTest, ValidationLossIsTheLearnersOfAStepOfKeptOutChains) {
  RunOptions options = PlayableRun();
  options.data.validation = 0.5;
  options.model.dropout = 0.5;  // in training alone
  const auto [set, validation] = LoadTrainingData(options);
  const std::string run = TemporaryPath("run");
  const RunOptions fitted = FitToData(options, set);
  TrainingEvaluation evaluation(fitted, validation);
  Train(options, set, run, RunStart::kFresh, {}, &evaluation);

  // The learner of the same weights, without dropout, on the chains of one step.
  RunOptions without = fitted;
  without.model.dropout = 0;
  SequenceLearner learner(without);
  const LoadedPolicy policy = LoadPolicy(CheckpointFolder(run, 4), torch::kCPU);
  CopyWeights(NamedWeights(policy), learner.weights(), "test");
  const auto source = learner.MakeSource(*validation, policy.record.normalizer);
  std::mt19937_64 random(options.evaluate.seed);
  std::vector<Batch> passes(1);
  source->Load(source->Draw(random), passes[0]);
  const auto batches = ToTrainingBatches(passes, 0, 1, learner.tensor_options());
  const StepTotals totals{.steps_in_loss = batches[0].steps_in_loss, .rows = batches[0].rows};
  const LossShare share = learner.Loss(0, batches[0], totals, {});
  EXPECT_NEAR(Column(run, "validation_loss")[4], share.figures[0].item<double>(), 1e-6);
}

TEST(TrainingEvaluationTest, EpisodesBeyondTrainingAreNotPlayed) {
  RunOptions options = PlayableRun();
  options.chain.episodes = 2;
  options.evaluate.episodes = 3;
  const EpisodeSet set = EpisodeSet::Load(options.data.files);
  const std::string run = TemporaryPath("run");
  TrainingEvaluation evaluation(FitToData(options, set), {});
  Train(options, set, run, RunStart::kFresh, {}, &evaluation);
  const LoadedPolicy policy = LoadPolicy(CheckpointFolder(run, 8), torch::kCPU);
  EvaluateOptions play = policy.record.options.evaluate;
  play.seeds = play.every_seeds;
  const EvaluationResult result = Evaluate(policy, play);
  double second = 0;
  for (const auto& context : result.returns) {
    second += context[1] / static_cast<double>(result.returns.size());
  }
  EXPECT_NEAR(Column(run, "return_last")[8], second, 1e-9);
}

TEST(TrainingEvaluationTest, ItDoesNotChangeAByteOfWhatIsTrained) {
  const RunOptions options = PlayableRun();
  const EpisodeSet set = EpisodeSet::Load(options.data.files);
  TrainingEvaluation evaluation(FitToData(options, set), {});
  Train(options, set, TemporaryPath("with"), RunStart::kFresh, {}, &evaluation);
  Train(options, set, TemporaryPath("without"), RunStart::kFresh, {});
  ExpectSameCheckpoint(TemporaryPath("with"), TemporaryPath("without"));
}

TEST(TrainingEvaluationTest, ARunThatGoesOnWithItKeepsItsRows) {
  RunOptions options = PlayableRun();
  const EpisodeSet set = EpisodeSet::Load(options.data.files);
  const std::string run = TemporaryPath("run");
  options.evaluate.every = 0;
  Train(options, set, run, RunStart::kFresh, {});
  const auto losses = Column(run, "loss");
  options.evaluate.every = 2;
  options.train.steps = 12;
  TrainingEvaluation evaluation(FitToData(options, set), {});
  Train(options, set, run, RunStart::kResume, {}, &evaluation);
  for (const auto& [step, loss] : losses) EXPECT_EQ(Column(run, "loss")[step], loss);
  EXPECT_TRUE(std::isnan(Column(run, "return_last")[8]));
  EXPECT_FALSE(std::isnan(Column(run, "return_last")[12]));
}

TEST(TrainingEvaluationTest, NothingToMeasureWithIsRefused) {
  const EpisodeSet set = EpisodeSet::Load({WriteSmallData()});
  EXPECT_THROW(TrainingEvaluation(FitToData(SmallRun(set.info().path), set), {}),
               std::invalid_argument);
}

}  // namespace
}  // namespace longplay
