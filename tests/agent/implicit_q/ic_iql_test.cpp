// SPDX-License-Identifier: MIT
#include "agent/implicit_q/ic_iql.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "agent/acting/make_policy.h"
#include "agent/batches/batch_loader.h"
#include "agent/evaluation/evaluation.h"
#include "agent/runs/checkpoint.h"
#include "agent/training/fit_to_data.h"
#include "agent/training/make_learner.h"
#include "agent/training/train.h"
#include "agent/training/training_step.h"
#include "datasets/writers/minari_writer.h"
#include "model/policy/action_head.h"
#include "tests/agent/implicit_q/good_and_bad.h"
#include "tests/agent/same_run.h"
#include "tests/agent/small_data.h"
#include "tests/temporary_folder.h"

namespace longplay {
namespace {

using ::testing::HasSubstr;

/// Ten episodes of 3 to 6 steps; every other one is ended by the task, the rest by a time limit.
EpisodeSet UnequalEpisodes() {
  const std::string path = TemporaryPath("unequal");
  MinariWriter writer(
      path, {.observation_size = 2, .action_size = 1, .action_low = {-1}, .action_high = {1}});
  for (int e = 0; e < 10; ++e) {
    const int steps = 3 + e % 4;
    Episode episode{.observation_size = 2,
                    .action_columns = 1,
                    .terminated = e % 2 == 0,
                    .truncated = e % 2 == 1};
    for (int t = 0; t <= steps; ++t) {
      episode.observations.insert(episode.observations.end(), {std::sin(3.0 * e + t), 0.5 * t});
      if (t == steps) break;
      episode.actions.push_back(std::cos(2.0 * e - t));
      episode.rewards.push_back(0.25 * (e % 3) + 0.125 * t);
    }
    writer.Write(episode);
  }
  writer.Finish();
  return EpisodeSet::Load({path});
}

RunOptions SmallIcIql(const std::string& data) {
  RunOptions options = SmallRun(data);
  options.train.method = Method::kIcIql;
  options.methods.ic_iql.hidden = 8;
  return options;
}

RunOptions InFloat64(const EpisodeSet& set) {
  RunOptions options = SmallIcIql(set.info().path);
  options.model.dropout = 0;
  options.train.dtype = "float64";
  options.train.device = "cpu";
  options.head = ActionHead::kGaussian;
  options.methods.ic_iql.learning = {.expectile = 0.8,
                                     .beta = 2,
                                     .most_weight = 1.5,
                                     .discount = 0.9,
                                     .soft_update = 0.3,
                                     .reward_scale = 2};
  options.methods.ic_iql.value_weight = 0.5;
  return options;
}

/// What a network says of a batch.
struct Said {
  torch::Tensor output;   // [B, N, 2]
  torch::Tensor values;   // [B, N]
  torch::Tensor critics;  // [2, B, N]
};

Said Say(PolicyNetwork network, const TrainingBatch& batch) {
  const torch::NoGradGuard no_grad;
  const Prediction prediction = network->Predict(batch.inputs);
  ValueHeads heads = network->values();
  return {prediction.output, heads->StateValues(prediction.features),
          heads->ActionValues(prediction.features, batch.taken_actions)};
}

double At(const torch::Tensor& numbers, at::IntArrayRef place) {
  torch::Tensor element = numbers;
  for (const int64_t index : place) element = element[index];
  return element.item<double>();
}

struct PlainLosses {
  double policy = 0, critic = 0, value = 0;
  double total(double value_weight) const { return policy + value_weight * (critic + value); }
};

/// The equations of IcIql, step by step. `frozen` is what has no gradient: weights of actions, and
/// the next step's value.
PlainLosses Plain(const Said& now, const Said& frozen, const Said& target,
                  const TrainingBatch& batch, const ImplicitQOptions& options) {
  PlainLosses losses;
  double steps = 0;
  for (int64_t b = 0; b < batch.rows; ++b) {
    const int64_t N = batch.in_loss.size(1);
    for (int64_t t = 0; t < N; ++t) {
      if (At(batch.in_loss, {b, t}) == 0) continue;
      ++steps;
      const double aimed = std::min(At(target.critics, {0, b, t}), At(target.critics, {1, b, t}));
      // Value: expectile regression.
      const double advantage = aimed - At(now.values, {b, t});
      losses.value += std::abs(options.expectile - (advantage < 0 ? 1 : 0)) * advantage * advantage;
      // Policy: the Gaussian's negative log-likelihood, weighted.
      const double weight = std::min(std::exp(options.beta * (aimed - At(frozen.values, {b, t}))),
                                     options.most_weight);
      const double log_std = At(now.output, {b, t, 1});
      const double z =
          (At(batch.taken_actions, {b, t, 0}) - At(now.output, {b, t, 0})) / std::exp(log_std);
      losses.policy += weight * (z * z / 2 + log_std + std::log(2 * M_PI) / 2);
      // Critics: nothing beyond an episode's last step; a window's last step has no next one.
      const bool ends = At(batch.ends, {b, t}) + At(batch.cuts, {b, t}) > 0;
      if (!ends && (t + 1 == N || At(batch.in_loss, {b, t + 1}) == 0)) continue;
      const double beyond = ends ? 0 : At(frozen.values, {b, t + 1});
      const double aim =
          options.reward_scale * At(batch.rewards, {b, t}) + options.discount * beyond;
      for (int64_t k = 0; k < 2; ++k) {
        const double error = aim - At(now.critics, {k, b, t});
        losses.critic += error * error / 2;
      }
    }
  }
  return {losses.policy / steps, losses.critic / steps, losses.value / steps};
}

/// A learner of the small data, one step old so that target and network differ, and its next batch.
struct Trained {
  explicit Trained(const EpisodeSet& set, const RunOptions& given)
      : options(FitToData(given, set)), made(MakeLearner(options, set)) {
    const auto source = made.learner->MakeSource(set, made.record.normalizer);
    BatchLoader loader(*source, {}, std::mt19937_64(3));
    step = loader.Next();
    batch = ToTrainingBatches(step.passes, 0, 1, made.learner->tensor_options()).front();
    for (int k = 1; k <= 5; ++k) TakeStep(*made.learner, k, WholeStep({&batch, 1}));
  }

  PolicyNetwork Copy(const TensorMap& weights) const {
    PolicyNetwork network(options.model, options.methods.ic_iql.hidden);
    network->to(torch::kFloat64);
    network->eval();
    CopyWeights(weights, NamedWeights(network), "the learner's");
    return network;
  }
  PolicyNetwork Network() const { return Copy(made.learner->weights()); }
  PolicyNetwork Target() const {
    TensorMap weights;
    for (const auto& [name, tensor] : made.learner->state()) {
      if (name.starts_with("target.")) weights[name.substr(7)] = tensor;
    }
    return Copy(weights);
  }

  RunOptions options;
  LearnerAndRecord made;
  LoadedStep step;
  TrainingBatch batch;
};

// Measured: 1e-15.
TEST(IcIqlTest, LossesAreThoseOfItsEquationsStepByStep) {
  const EpisodeSet set = UnequalEpisodes();
  for (const int64_t window : {0, 5}) {
    RunOptions options = InFloat64(set);
    options.chain.window = window;
    const Trained trained(set, options);
    const Said now = Say(trained.Network(), trained.batch);
    const Said target = Say(trained.Target(), trained.batch);
    EXPECT_GT((now.critics - target.critics).abs().max().item<double>(), 1e-4);
    const IcIqlOptions& own = options.methods.ic_iql;
    const PlainLosses plain = Plain(now, now, target, trained.batch, own.learning);
    const StepTotals totals{.steps_in_loss = trained.batch.steps_in_loss,
                            .rows = trained.batch.rows};
    const LossShare share = trained.made.learner->Loss(0, trained.batch, totals, {});
    ASSERT_EQ(share.figures.size(), 4U);
    EXPECT_NEAR(share.figures[0].item<double>(), plain.total(own.value_weight), 1e-13);
    EXPECT_NEAR(share.figures[1].item<double>(), plain.policy, 1e-13);
    EXPECT_NEAR(share.figures[2].item<double>(), plain.critic, 1e-13);
    EXPECT_NEAR(share.figures[3].item<double>(), plain.value, 1e-13);
    EXPECT_GT(plain.critic, 1e-3);
  }
}

// Central differences along a random direction; measured: 1e-9 of the gradient.
TEST(IcIqlTest, ItsGradientIsThatOfTheEquationsWithWeightsAndNextValuesHeldFast) {
  const EpisodeSet set = UnequalEpisodes();
  const RunOptions options = InFloat64(set);
  const Trained trained(set, options);
  const IcIqlOptions& own = options.methods.ic_iql;
  const StepTotals totals{.steps_in_loss = trained.batch.steps_in_loss, .rows = trained.batch.rows};
  Learner& learner = *trained.made.learner;
  Optimizer& optimizer = *learner.Updates(6).front().optimizer;
  optimizer.ZeroGrad();
  learner.Loss(0, trained.batch, totals, {}).loss.backward();
  const Said frozen = Say(trained.Network(), trained.batch);
  const Said target = Say(trained.Target(), trained.batch);
  // Loss at weights + size * direction.
  torch::manual_seed(11);
  TensorMap directions;
  double slope = 0;
  for (const auto& [name, weight] : learner.weights()) {
    directions[name] = torch::randn_like(weight.detach());
    if (weight.grad().defined()) slope += (weight.grad() * directions[name]).sum().item<double>();
  }
  const auto loss_at = [&](double size) {
    TensorMap moved;
    for (const auto& [name, weight] : learner.weights()) {
      moved[name] = weight.detach() + size * directions[name];
    }
    return Plain(Say(trained.Copy(moved), trained.batch), frozen, target, trained.batch,
                 own.learning)
        .total(own.value_weight);
  };
  const double expected = (loss_at(1e-6) - loss_at(-1e-6)) / 2e-6;
  EXPECT_GT(std::abs(expected), 1e-2);
  EXPECT_NEAR(slope, expected, 1e-6 * std::abs(expected));
}

TEST(IcIqlTest, TheTargetFollowsByItsShare) {
  const EpisodeSet set = UnequalEpisodes();
  const Trained trained(set, InFloat64(set));
  const TensorMap before = NamedWeights(trained.Target());
  trained.made.learner->Finish(0, 6);
  const TensorMap after = NamedWeights(trained.Target());
  for (const auto& [name, weight] : trained.made.learner->weights()) {
    const torch::Tensor expected = 0.7 * before.at(name) + 0.3 * weight.detach();
    EXPECT_LT((after.at(name) - expected).abs().max().item<double>(), 1e-14) << name;
  }
}

// ---- trained as a run ----------------------------------------------------------------------

TEST(IcIqlTrainingTest, AKilledAndResumedRunIsTheUninterruptedOne) {
  const EpisodeSet set = UnequalEpisodes();
  RunOptions options = SmallIcIql(set.info().path);
  for (const double average : {0.0, 0.9}) {
    options.train.average = average;
    Train(options, set, TemporaryPath("whole"), RunStart::kFresh, {});
    const std::string run = TemporaryPath("killed");
    TrainUntilKilled(options, set, run);
    EXPECT_EQ(Train(options, set, run, RunStart::kResume, {}).steps, 8);
    ExpectSameCheckpoint(TemporaryPath("whole"), run);
    std::filesystem::remove_all(TemporaryPath("whole"));
    std::filesystem::remove_all(run);
  }
}

std::string Refusal(const std::function<void()>& what) {
  try {
    what();
  } catch (const std::exception& error) {
    return error.what();
  }
  return "accepted";
}

TEST(IcIqlTrainingTest, WhatItCannotLearnOrStartFromIsRefusedInOneLine) {
  const std::string file = LONGPLAY_SOURCE_DIR "/tests/datasets/fixtures/d4rl_no_rewards.hdf5";
  EXPECT_THAT(Refusal([&] { FitToData(SmallIcIql(file), EpisodeSet::Load({file})); }),
              HasSubstr("train.method: expected rewards for ic_iql, got none in"));
  // A plain sequence model has no value heads to start from.
  const EpisodeSet set = UnequalEpisodes();
  Train(SmallRun(set.info().path), set, TemporaryPath("plain"), RunStart::kFresh, {});
  RunOptions options = SmallIcIql(set.info().path);
  options.train.start_from = TemporaryPath("plain");
  EXPECT_THAT(Refusal([&] { FitToData(options, set); }),
              HasSubstr("expected a policy of train.method ic_iql with value heads of 8 units, got "
                        "one of sequence"));
}

std::vector<double> FirstActions(const std::string& run, PolicyOptions options) {
  const std::vector<double> seen = {-0.9, -0.3, 0.2, 0.8}, rewards(4, 0);
  const std::vector<uint8_t> ones(4, 1);
  options.chains = 4;
  std::vector<double> actions(4);
  MakePolicy(run, options)
      ->Act({.observations = seen, .rewards = rewards, .starts = ones, .active = ones}, actions);
  return actions;
}

TEST(IcIqlTrainingTest, ThePolicyFollowsTheBetterHalfOfTheActionsWhereCloningTakesTheirMean) {
  const EpisodeSet set = EpisodeSet::Load({WriteGoodAndBad()});
  const auto train = [&](RunOptions options, const std::string& run) {
    options.model.tokens.use_return = false;
    options.model.dropout = 0;
    options.train.steps = options.train.checkpoint_every = 300;
    options.methods.ic_iql.learning.beta = 10;
    Train(options, set, run, RunStart::kFresh, {});
    return FirstActions(run, {});
  };
  for (const double action : train(SmallRun(set.info().path), TemporaryPath("cloned"))) {
    EXPECT_NEAR(action, 0, 0.3);
  }
  for (const double action : train(SmallIcIql(set.info().path), TemporaryPath("weighed"))) {
    EXPECT_NEAR(action, 0.5, 0.15);
  }
}

/// What the network says at the first decision of FirstActions.
Prediction FirstPrediction(const LoadedPolicy& policy) {
  PolicyNetwork network = policy.network;
  const std::vector<float> seen = {-0.9F, -0.3F, 0.2F, 0.8F};
  const Normalizer& units = policy.record.normalizer;
  auto observations = torch::tensor(seen).view({4, 1, 1});
  observations = (observations - units.observation_mean[0]) / units.observation_std[0];
  const auto zeros = torch::zeros({4, 1});
  const auto whole = torch::zeros({4, 1}, torch::kInt64);
  const auto target =
      torch::full({4, 1}, policy.record.best_return * units.return_scale, torch::kFloat32);
  return network->Predict({.returns = target,
                           .observations = observations,
                           .previous_actions = zeros.unsqueeze(2),
                           .previous_rewards = zeros,
                           .previous_completions = zeros,
                           .episode_steps = whole,
                           .episodes = whole});
}

/// [4] of actions [4] in the policy's units: what the lower critic says.
torch::Tensor LowerValues(const LoadedPolicy& policy, const Prediction& prediction,
                          const torch::Tensor& actions) {
  ValueHeads heads = PolicyNetwork(policy.network)->values();
  return heads->ActionValues(prediction.features, actions.to(torch::kFloat32).view({4, 1, 1}))
      .amin(0)
      .view(4);
}

TEST(IcIqlActingTest, BestOfIsTheSampleThatTheLowerCriticValuesMost) {
  const torch::NoGradGuard no_grad;
  const EpisodeSet set = EpisodeSet::Load({WriteGoodAndBad()});
  RunOptions options = SmallIcIql(set.info().path);
  options.head = ActionHead::kGaussian;
  const std::string run = TemporaryPath("run");
  {
    const torch::AutoGradMode gradients(true);
    Train(options, set, run, RunStart::kFresh, {});
  }
  // One sample is a draw; more are never worth less.
  const LoadedPolicy policy = LoadPolicy(run, torch::kCPU);
  const Prediction prediction = FirstPrediction(policy);
  const auto worth = [&](const std::vector<double>& actions) {
    return LowerValues(policy, prediction,
                       torch::tensor(actions) / policy.record.normalizer.action_scale[0]);
  };
  torch::Tensor last = worth(FirstActions(run, {.best_of = 1}));
  int rises = 0;
  for (const int64_t samples : {2, 4, 8, 16, 64}) {
    const torch::Tensor now = worth(FirstActions(run, {.best_of = samples}));
    EXPECT_TRUE((now >= last - 1e-6).all().item<bool>()) << samples;
    rises += (now > last + 1e-6).sum().item<int>();
    last = now;
  }
  EXPECT_GE(rises, 4);
}

TEST(IcIqlActingTest, TemperatureDrawsSamplesByTheSoftmaxOfTheirValues) {
  const torch::NoGradGuard no_grad;
  const EpisodeSet set = EpisodeSet::Load({WriteGoodAndBad()});
  RunOptions options = SmallIcIql(set.info().path);
  options.head = ActionHead::kGaussian;
  options.methods.ic_iql.learning.reward_scale = 4;
  const std::string run = TemporaryPath("run");
  {
    const torch::AutoGradMode gradients(true);
    Train(options, set, run, RunStart::kFresh, {});
  }
  const LoadedPolicy policy = LoadPolicy(run, torch::kCPU);
  const Prediction prediction = FirstPrediction(policy);
  const torch::Tensor output = prediction.output.view({4, 2});
  constexpr int64_t kSamples = 4, kSeeds = 200;

  // A temperature at which values matter and do not decide: their spread, in units of return.
  const double temperature =
      LowerValues(policy, prediction, torch::tensor({-1.0, -0.3, 0.3, 1.0})).std().item<double>() /
      4;
  double expected = 0, variance = 0;
  int64_t chosen = 0, cold = 0;
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    // The samples once more, and how likely each of them is.
    const torch::Tensor keys =
        KeysOfTokens({.seed = seed}, torch::arange(4), torch::ones({4}, torch::kInt64));
    std::vector<torch::Tensor> samples, values;
    for (uint64_t k = 0; k < kSamples; ++k) {
      samples.push_back(
          ChooseAction(ActionHead::kGaussian, output, ActionChoice::kSample, KeysAt(keys, k))
              .view(4));
      values.push_back(LowerValues(policy, prediction, samples.back()));
    }
    const torch::Tensor all = torch::stack(values, 1);  // [4, samples]
    const torch::Tensor likely = torch::softmax(all.to(torch::kFloat64) / (4 * temperature), 1);
    const torch::Tensor best = all.argmax(1);
    const auto act = [&](double given) {
      return FirstActions(run, {.best_of = kSamples, .temperature = given, .seed = seed});
    };
    const std::vector<double> drawn = act(temperature), greedy = act(0), nearly = act(1e-9);
    for (int64_t i = 0; i < 4; ++i) {
      const double p = likely[i][best[i].item<int64_t>()].item<double>();
      expected += p;
      variance += p * (1 - p);
      chosen += drawn[i] == greedy[i] ? 1 : 0;
      cold += nearly[i] == greedy[i] ? 1 : 0;
    }
  }
  EXPECT_EQ(cold, 4 * kSeeds);
  EXPECT_GT(expected, 0.3 * 4 * kSeeds);  // neither all alike
  EXPECT_LT(expected, 0.8 * 4 * kSeeds);  // nor all greedy
  EXPECT_NEAR(static_cast<double>(chosen), expected, 5 * std::sqrt(variance));
}

TEST(IcIqlActingTest, BestOfNeedsValuesAndSomethingToDraw) {
  const EpisodeSet set = EpisodeSet::Load({WriteGoodAndBad()});
  RunOptions options = SmallIcIql(set.info().path);
  Train(options, set, TemporaryPath("squared"), RunStart::kFresh, {});
  EXPECT_THAT(Refusal([&] { MakePolicy(TemporaryPath("squared"), {.best_of = 4}); }),
              HasSubstr("whose head draws nothing (model.head gaussian or categorical does), got "
                        "best_of"));
  RunOptions plain = SmallRun(set.info().path);
  plain.head = ActionHead::kGaussian;
  Train(plain, set, TemporaryPath("plain"), RunStart::kFresh, {});
  EXPECT_THAT(Refusal([&] { MakePolicy(TemporaryPath("plain"), {.best_of = 4}); }),
              HasSubstr("without value heads (train.method ic_iql has them), got best_of"));
}

}  // namespace
}  // namespace longplay
