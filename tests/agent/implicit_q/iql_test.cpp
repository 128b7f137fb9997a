// SPDX-License-Identifier: MIT
#include "agent/implicit_q/iql.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "agent/acting/make_policy.h"
#include "agent/training/train.h"
#include "agent/training/training_step.h"
#include "tests/agent/implicit_q/good_and_bad.h"
#include "tests/agent/same_run.h"
#include "tests/agent/small_data.h"

namespace longplay {
namespace {

constexpr int64_t kRows = 6, kSeen = 3, kDone = 2, kUnits = 5;
constexpr StepTotals kIqlTotals = {.steps_in_loss = kRows, .rows = kRows};

RunOptions IqlOptionsOf(const std::string& dtype) {
  RunOptions options;
  options.train.method = Method::kIql;
  options.train.dtype = dtype;
  options.train.device = "cpu";
  options.train.seed = 1;
  options.train.steps = 10;
  options.model.observation_size = kSeen;
  options.model.action_size = kDone;
  options.methods.iql = {.learning = {.expectile = 0.8,
                                      .beta = 5,
                                      .most_weight = 1.2,
                                      .discount = 0.9,
                                      .soft_update = 0.25,
                                      .reward_scale = 2},
                         .hidden = kUnits,
                         .learning_rate = 1e-2};
  return options;
}

TrainingBatch SomeTransitions() {
  torch::manual_seed(7);
  const auto draw = [](int64_t width) {
    return torch::rand({kRows, 1, width}, torch::kFloat64) * 2 - 1;
  };
  TrainingBatch batch{.target_actions = draw(kDone),
                      .rewards = draw(1).squeeze(2),
                      .ends = torch::zeros({kRows, 1}, torch::kFloat64),
                      .next_observations = draw(kSeen),
                      .rows = kRows,
                      .steps_in_loss = kRows};
  batch.inputs.observations = draw(kSeen);
  batch.ends[2][0] = 1;
  return batch;
}

std::vector<double> AsNumbers(const torch::Tensor& tensor) {
  const torch::Tensor flat = tensor.detach().contiguous();
  return {flat.const_data_ptr<double>(), flat.const_data_ptr<double>() + flat.numel()};
}

/// Copy `copy` of `copies` perceptrons in one vector: all copies' weights [in, out] of a layer, then
/// all their biases, layer after layer.
std::vector<double> RunByHand(const std::vector<double>& flat, int64_t copies, int64_t copy,
                              std::vector<double> x, int64_t outputs) {
  int64_t at = 0;
  for (int layer = 0; layer < 3; ++layer) {
    const auto in = static_cast<int64_t>(x.size());
    const int64_t out = layer < 2 ? kUnits : outputs;
    const int64_t weights = at + copy * in * out, biases = at + copies * in * out + copy * out;
    std::vector<double> y;
    for (int64_t k = 0; k < out; ++k) {
      double sum = flat[biases + k];
      for (int64_t i = 0; i < in; ++i) sum += x[i] * flat[weights + i * out + k];
      y.push_back(layer < 2 ? std::max(sum, 0.0) : sum);
    }
    at += copies * (in + 1) * out;
    x = y;
  }
  return x;
}

/// All vectors of parameters.
struct Vectors {
  std::vector<double> actor, values, critics, targets;
};

Vectors VectorsOf(const Iql& learner) {
  const TensorMap state = learner.state();
  return {AsNumbers(state.at("actor")), AsNumbers(state.at("values")),
          AsNumbers(state.at("critics")), AsNumbers(state.at("target_critics"))};
}

/// The loss of one update, transition by transition; `frozen` is what has no gradient.
double PlainLoss(size_t update, const Vectors& now, const Vectors& frozen,
                 const TrainingBatch& batch, const ImplicitQOptions& options) {
  double loss = 0;
  for (int64_t row = 0; row < kRows; ++row) {
    const std::vector<double> seen = AsNumbers(batch.inputs.observations[row]);
    const std::vector<double> done = AsNumbers(batch.target_actions[row]);
    std::vector<double> both = seen;
    both.insert(both.end(), done.begin(), done.end());
    const double aimed = std::min(RunByHand(frozen.targets, 2, 0, both, 1)[0],
                                  RunByHand(frozen.targets, 2, 1, both, 1)[0]);
    if (update == Iql::kValues) {
      const double advantage = aimed - RunByHand(now.values, 1, 0, seen, 1)[0];
      loss += std::abs(options.expectile - (advantage < 0 ? 1 : 0)) * advantage * advantage;
    } else if (update == Iql::kPolicy) {
      const double advantage = aimed - RunByHand(frozen.values, 1, 0, seen, 1)[0];
      const double weight = std::min(std::exp(options.beta * advantage), options.most_weight);
      const std::vector<double> chosen = RunByHand(now.actor, 1, 0, seen, kDone);
      for (int64_t k = 0; k < kDone; ++k) {
        loss += weight * std::pow(std::tanh(chosen[k]) - done[k], 2);
      }
    } else {
      const std::vector<double> next = AsNumbers(batch.next_observations[row]);
      const double beyond = RunByHand(frozen.values, 1, 0, next, 1)[0];
      const double aim = options.reward_scale * batch.rewards[row][0].item<double>() +
                         options.discount * (1 - batch.ends[row][0].item<double>()) * beyond;
      for (int64_t copy = 0; copy < 2; ++copy) {
        loss += std::pow(aim - RunByHand(now.critics, 2, copy, both, 1)[0], 2) / 2;
      }
    }
  }
  return loss / kRows;
}

std::vector<double>& Moved(Vectors& vectors, size_t update) {
  if (update == Iql::kValues) return vectors.values;
  return update == Iql::kPolicy ? vectors.actor : vectors.critics;
}

// Losses: measured 1e-15; gradients, against central differences of every number: 1e-9.
TEST(IqlTest, LossesAndGradientsAreThoseOfItsEquations) {
  const RunOptions options = IqlOptionsOf("float64");
  const ImplicitQOptions& learning = options.methods.iql.learning;
  Iql learner(options);
  const TrainingBatch batch = SomeTransitions();
  for (int step = 1; step <= 3; ++step)
    TakeStep(learner, step, WholeStep({&batch, 1}));  // targets differ
  for (const size_t update : {Iql::kValues, Iql::kPolicy, Iql::kCritics}) {
    const Vectors base = VectorsOf(learner);
    Optimizer& optimizer = *learner.Updates(4)[update].optimizer;
    optimizer.ZeroGrad();
    const LossShare share = learner.Loss(update, batch, kIqlTotals, {});
    EXPECT_NEAR(share.figures[0].item<double>(), PlainLoss(update, base, base, batch, learning),
                1e-13);
    share.loss.backward();
    const std::vector<double> gradient = AsNumbers(optimizer.parameters()[0].grad());
    double largest = 0;
    for (size_t k = 0; k < gradient.size(); ++k) {
      Vectors up = base, down = base;
      Moved(up, update)[k] += 1e-6;
      Moved(down, update)[k] -= 1e-6;
      const double slope = (PlainLoss(update, up, base, batch, learning) -
                            PlainLoss(update, down, base, batch, learning)) /
                           2e-6;
      EXPECT_NEAR(gradient[k], slope, 1e-7) << update << " " << k;
      largest = std::max(largest, std::abs(gradient[k]));
    }
    EXPECT_GT(largest, 1e-3);
  }
}

TEST(IqlTest, TargetsFollowTheCriticsAndThePolicysRateFallsAlongACosine) {
  Iql learner(IqlOptionsOf("float64"));
  const TrainingBatch batch = SomeTransitions();
  TakeStep(learner, 1, WholeStep({&batch, 1}));
  const Vectors before = VectorsOf(learner);
  learner.Finish(Iql::kPolicy, 2);
  EXPECT_EQ(VectorsOf(learner).targets, before.targets);
  learner.Finish(Iql::kCritics, 2);
  const Vectors after = VectorsOf(learner);
  for (size_t k = 0; k < before.targets.size(); ++k) {
    EXPECT_NEAR(after.targets[k], 0.75 * before.targets[k] + 0.25 * before.critics[k], 1e-15);
  }
  // Of 10 steps the sixth is half way.
  EXPECT_DOUBLE_EQ(learner.Updates(1)[Iql::kPolicy].learning_rate, 1e-2);
  EXPECT_DOUBLE_EQ(learner.Updates(6)[Iql::kPolicy].learning_rate, 5e-3);
  EXPECT_DOUBLE_EQ(learner.Updates(6)[Iql::kValues].learning_rate, 1e-2);
}

// ---- trained as a run ----------------------------------------------------------------------

RunOptions SmallIql(const std::string& data) {
  RunOptions options = SmallRun(data);
  options.train.method = Method::kIql;
  options.methods.iql.hidden = 16;
  options.methods.iql.batch = 32;
  return options;
}

TEST(IqlTrainingTest, AKilledAndResumedRunIsTheUninterruptedOne) {
  const EpisodeSet set = EpisodeSet::Load({WriteSmallData()});
  const RunOptions options = SmallIql(set.info().path);
  Train(options, set, TemporaryPath("whole"), RunStart::kFresh, {});
  const std::string run = TemporaryPath("killed");
  TrainUntilKilled(options, set, run);
  EXPECT_EQ(Train(options, set, run, RunStart::kResume, {}).steps, 8);
  ExpectSameCheckpoint(TemporaryPath("whole"), run);
}

TEST(IqlTrainingTest, ThePolicyFollowsTheBetterHalfOfTheActions) {
  const EpisodeSet set = EpisodeSet::Load({WriteGoodAndBad()});
  const auto act = [&](double beta) {
    RunOptions options = SmallIql(set.info().path);
    options.methods.iql.learning.beta = beta;
    options.methods.iql.learning_rate = 3e-3;
    options.train.steps = options.train.checkpoint_every = 1500;
    const std::string run = TemporaryPath("beta" + std::to_string(beta));
    Train(options, set, run, RunStart::kFresh, {});
    const std::vector<double> seen = {0.25}, rewards = {0};
    const std::vector<uint8_t> ones = {1};
    std::vector<double> action(1);
    MakePolicy(run, {})->Act(
        {.observations = seen, .rewards = rewards, .starts = ones, .active = ones}, action);
    return action[0];
  };
  EXPECT_NEAR(act(0), 0, 0.3);     // without weights: the mean of all
  EXPECT_NEAR(act(10), 0.5, 0.1);  // half of them weigh e^-7 or so of the others
}

TEST(IqlTrainingTest, WhatItCannotLearnFromIsRefusedInOneLine) {
  const auto refusal = [](const RunOptions& options, const EpisodeSet& set) -> std::string {
    try {
      Train(options, set, TemporaryPath("run"), RunStart::kFresh, {});
    } catch (const std::exception& error) {
      return error.what();
    }
    return "trained";
  };
  const std::string file = LONGPLAY_SOURCE_DIR "/tests/datasets/fixtures/d4rl_no_rewards.hdf5";
  EXPECT_THAT(
      refusal(SmallIql(file), EpisodeSet::Load({file})),
      testing::HasSubstr("expected continuous actions and rewards for iql, got no rewards"));
  RunOptions options = SmallIql(WriteGoodAndBad());
  options.train.dtype = "bfloat16";
  EXPECT_THAT(refusal(options, EpisodeSet::Load(options.data.files)),
              testing::HasSubstr("expected float32 or float64 for iql"));
}

}  // namespace
}  // namespace longplay
