// SPDX-License-Identifier: MIT
#include "agent/learners/td3_bc.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/ops/full.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/rand.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <limits>
#include <string>

#include "agent/acting/make_policy.h"
#include "agent/files/safetensors.h"
#include "agent/learners/actor.h"
#include "agent/runs/checkpoint.h"
#include "agent/training/train.h"
#include "agent/training/training_step.h"
#include "tests/agent/same_run.h"
#include "tests/agent/small_data.h"

namespace longplay {
namespace {

double Difference(const torch::Tensor& a, const torch::Tensor& b) {
  return (a - b).abs().max().item<double>();
}

RunOptions SmallOptions(int64_t observation_size, int64_t action_size, const Td3BcOptions& own,
                        const std::string& dtype) {
  RunOptions options;
  options.train.method = Method::kTd3Bc;
  options.train.dtype = dtype;
  options.train.device = "cpu";
  options.train.seed = 1;
  options.model.observation_size = observation_size;
  options.model.action_size = action_size;
  options.methods.td3_bc = own;
  return options;
}

/// [M, X] as a batch of M rows of one step.
torch::Tensor AsSteps(const torch::Tensor& rows) { return rows.unsqueeze(1); }

/// The fixture's networks and batch (tests/agent/fixtures/make_td3_bc.py).
class Td3BcTest : public testing::Test {
 protected:
  Td3BcTest()
      : fixture_(ReadSafetensors(LONGPLAY_SOURCE_DIR "/tests/agent/fixtures/td3_bc.safetensors")),
        learner_(SmallOptions(3, 2, {.hidden = 5}, "float64")),
        batch_{.target_actions = AsSteps(fixture_.at("batch.actions")),
               .rewards = AsSteps(fixture_.at("batch.rewards")),
               .ends = AsSteps(1 - fixture_.at("batch.continues")),
               .next_observations = AsSteps(fixture_.at("batch.next_observations")),
               .rows = 6,
               .steps_in_loss = 6} {
    batch_.inputs.observations = AsSteps(fixture_.at("batch.observations"));
    TensorMap state = learner_.state();  // with the moments at 0
    for (const char* name : kNetworks) state[name] = fixture_.at(std::string("before.") + name);
    learner_.Load(state);
  }

  /// One update as the training loop does it; the critics with this noise.
  std::vector<double> Follow(const LossShare& share, size_t update) {
    const Update given = learner_.Updates(2)[update];
    given.optimizer->ZeroGrad();
    share.loss.backward();
    given.optimizer->Step(given.learning_rate);
    learner_.Finish(update, 2);
    std::vector<double> figures;
    for (const torch::Tensor& figure : share.figures) figures.push_back(figure.item<double>());
    return figures;
  }
  std::vector<double> UpdateCritics(const torch::Tensor& noise) {
    return Follow(learner_.CriticLoss(batch_, noise, kTotals), Td3Bc::kCritics);
  }

  static constexpr const char* kNetworks[] = {"actor", "critics", "target_actor", "target_critics"};
  static constexpr StepTotals kTotals = {.steps_in_loss = 6, .rows = 6};
  TensorMap fixture_;
  Td3Bc learner_;
  TrainingBatch batch_;
};

// In float64 the largest residuals are 1e-15.
TEST_F(Td3BcTest, TwoStepsEqualThePapersEquationsInPyTorch) {
  constexpr double kTolerance = 1e-12;
  const torch::Tensor noise = fixture_.at("noise"), losses = fixture_.at("losses");
  EXPECT_LT(Difference(learner_.Targets(batch_, noise[0]), fixture_.at("targets.1")), kTolerance);
  const auto first = UpdateCritics(noise[0]);
  EXPECT_LT(Difference(learner_.Targets(batch_, noise[1]), fixture_.at("targets.2")), kTolerance);
  const auto second = UpdateCritics(noise[1]);
  const auto policy = Follow(learner_.Loss(Td3Bc::kPolicy, batch_, kTotals, {}), Td3Bc::kPolicy);
  EXPECT_NEAR(first[0], losses[0].item<double>(), kTolerance);
  EXPECT_NEAR(second[0], losses[1].item<double>(), kTolerance);
  EXPECT_NEAR(policy[0], losses[2].item<double>(), kTolerance);
  EXPECT_NEAR(policy[1], losses[3].item<double>(), kTolerance);
  EXPECT_NEAR(policy[2], losses[4].item<double>(), kTolerance);
  for (const char* name : kNetworks) {
    EXPECT_LT(Difference(learner_.state().at(name), fixture_.at(std::string("after.") + name)),
              kTolerance)
        << name;
  }
}

TEST_F(Td3BcTest, NothingLiesBeyondATermination) {
  batch_.ends = at::ones({6, 1}, at::kDouble);
  EXPECT_TRUE(learner_.Targets(batch_, fixture_.at("noise")[0]).equal(batch_.rewards.flatten()));
}

TEST_F(Td3BcTest, AStepThatIsNotFiniteChangesNothing) {
  const TensorMap before = learner_.state();
  const torch::Tensor critics = before.at("critics").clone(), actor = before.at("actor").clone();
  batch_.rewards = at::full({6, 1}, std::numeric_limits<double>::infinity(), at::kDouble);
  const auto updates = TakeStep(learner_, 2, WholeStep({&batch_, 1}));
  ASSERT_EQ(updates.size(), 1U);  // the policy's is not tried
  EXPECT_FALSE(updates[0].has_value());
  EXPECT_TRUE(learner_.state().at("critics").equal(critics));
  EXPECT_TRUE(learner_.state().at("actor").equal(actor));
}

TEST(Td3BcLearningTest, ThePolicyLeavesTheDataForActionsThatAreWorthMore) {
  // One decision: reward 1 - (action - observation / 2)^2; the data's actions are all over.
  const at::Generator generator = at::make_generator<at::CPUGeneratorImpl>(4);
  Td3Bc learner(
      SmallOptions(1, 1, {.policy_every = 2, .hidden = 32, .learning_rate = 3e-3}, "float32"));
  for (int step = 1; step <= 3000; ++step) {
    const torch::Tensor observations = at::rand({64, 1}, generator, at::kFloat) * 2 - 1;
    const torch::Tensor actions = at::rand({64, 1}, generator, at::kFloat) * 2 - 1;
    TrainingBatch batch = {.target_actions = AsSteps(actions),
                           .rewards = 1 - (actions - observations / 2).square(),
                           .ends = at::ones({64, 1}, at::kFloat),
                           .next_observations = AsSteps(observations),
                           .rows = 64,
                           .steps_in_loss = 64};
    batch.inputs.observations = AsSteps(observations);
    TakeStep(learner, step, WholeStep({&batch, 1}));
  }
  const torch::Tensor asked = at::rand({500, 1}, generator, at::kFloat) * 2 - 1;
  const StackedMlp actor = MakeActor(1, 1, 32, generator, at::kFloat);
  CopyWeights(learner.weights(), NamedWeights(actor), "the learner's");
  const torch::Tensor error = ActorActions(actor, asked, StackedMlp::Weights::kFrozen) - asked / 2;
  EXPECT_LT(error.square().mean().item<double>(), 0.01);  // cloning alone gives 0.083
}

// ---- trained as a run ----------------------------------------------------------------------

using ::testing::HasSubstr;

RunOptions SmallTd3Bc(const std::string& data) {
  RunOptions options = SmallRun(data);
  options.train.method = Method::kTd3Bc;
  options.methods.td3_bc.hidden = 16;
  options.methods.td3_bc.batch = 32;
  return options;
}

std::string Refusal(const RunOptions& options, const EpisodeSet& set) {
  try {
    Train(options, set, TemporaryPath("run"), RunStart::kFresh, {});
  } catch (const std::exception& error) {
    return error.what();
  }
  return "trained";
}

TEST(Td3BcTrainingTest, AKilledAndResumedRunIsTheUninterruptedOne) {
  const EpisodeSet set = EpisodeSet::Load({WriteSmallData()});
  RunOptions options = SmallTd3Bc(set.info().path);
  Train(options, set, TemporaryPath("whole"), RunStart::kFresh, {});
  const std::string run = TemporaryPath("killed");
  TrainUntilKilled(options, set, run);
  EXPECT_EQ(Train(options, set, run, RunStart::kResume, {}).steps, 8);
  ExpectSameCheckpoint(TemporaryPath("whole"), run);
}

TEST(Td3BcTrainingTest, MetricsHaveThePolicysColumnsToo) {
  const EpisodeSet set = EpisodeSet::Load({WriteSmallData()});
  Train(SmallTd3Bc(set.info().path), set, TemporaryPath("run"), RunStart::kFresh, {});
  std::ifstream file(TemporaryPath("run") + "/metrics.csv");
  std::string header, row;
  std::getline(file, header);
  std::getline(file, row);
  EXPECT_THAT(header, testing::StartsWith("step,loss,"));
  EXPECT_THAT(header, testing::EndsWith(",actor_loss,cloning_loss,value"));
  EXPECT_EQ(std::ranges::count(header, ','), std::ranges::count(row, ','));
}

// Without the critics it is cloning: the small data's action is 0.8 times the first observation.
TEST(Td3BcTrainingTest, TheTrainedActorActsInTheDatasUnits) {
  const EpisodeSet set = EpisodeSet::Load({WriteSmallData()});
  RunOptions options = SmallTd3Bc(set.info().path);
  options.methods.td3_bc.alpha = 0;
  options.methods.td3_bc.learning_rate = 1e-2;
  options.train.steps = 1000;
  options.train.checkpoint_every = 1000;
  Train(options, set, TemporaryPath("run"), RunStart::kFresh, {});
  const std::unique_ptr<Policy> policy = MakePolicy(TemporaryPath("run"), {.chains = 3});
  const PolicyDescription known = policy->description();
  EXPECT_EQ(known.observation_size, 2);
  EXPECT_EQ(known.action_columns, 1);
  EXPECT_EQ(known.best_return, 11 * 0.125 * 6);
  EXPECT_EQ(known.trained, (TrainedRange{.episodes = 1, .episode_steps = 6, .context_steps = 1}));
  const std::vector<double> seen = {-0.5, 3, 0.25, 1, 0.75, 2}, rewards = {0, 0, 0};
  const std::vector<uint8_t> starts = {1, 0, 1}, active = {1, 1, 1};
  std::vector<double> actions(3);
  policy->Act({.observations = seen, .rewards = rewards, .starts = starts, .active = active},
              actions);
  for (int i = 0; i < 3; ++i) EXPECT_NEAR(actions[i], 0.8 * seen[2 * i], 0.05);
}

TEST(Td3BcTrainingTest, ChangedWeightsAreFoundByTheProbe) {
  const EpisodeSet set = EpisodeSet::Load({WriteSmallData()});
  Train(SmallTd3Bc(set.info().path), set, TemporaryPath("run"), RunStart::kFresh, {});
  const std::string file = TemporaryPath("run") + "/checkpoints/step_8/weights.safetensors";
  TensorMap weights = ReadSafetensors(file);
  for (auto& [name, tensor] : weights) tensor = tensor + 0.5;
  WriteSafetensors(file, weights);
  EXPECT_THAT(
      [] { LoadPolicy(TemporaryPath("run"), torch::kCPU); },
      testing::ThrowsMessage<std::runtime_error>(HasSubstr("the output stored with the weights")));
}

TEST(Td3BcTrainingTest, WhatItCannotLearnFromIsRefusedInOneLine) {
  const std::string fixtures = LONGPLAY_SOURCE_DIR "/tests/datasets/fixtures/";
  for (const auto& [file, problem] : {std::pair("d4rl_discrete.hdf5", "got discrete actions in"),
                                      std::pair("d4rl_no_rewards.hdf5", "got no rewards in")}) {
    const EpisodeSet set = EpisodeSet::Load({fixtures + file});
    EXPECT_THAT(
        Refusal(SmallTd3Bc(fixtures + file), set),
        HasSubstr(std::string("expected continuous actions and rewards for td3_bc, ") + problem));
  }
  const EpisodeSet set = EpisodeSet::Load({WriteSmallData()});
  RunOptions options = SmallTd3Bc(set.info().path);
  options.train.dtype = "bfloat16";
  EXPECT_THAT(Refusal(options, set), HasSubstr("expected float32 or float64 for td3_bc"));
}

TEST(Td3BcTrainingTest, LossesThatAreNotFiniteStopTrainingWithAMessage) {
  // Finite in the file, infinite in the float32 that the critics see.
  const EpisodeSet set = EpisodeSet::Load({WriteSmallData(0.125, true)});
  RunOptions options = SmallTd3Bc(set.info().path);
  options.train.max_bad_steps = 3;
  EXPECT_THAT(Refusal(options, set), HasSubstr("expected finite losses, got 3 in a row"));
}

TEST(Td3BcTrainingTest, DoublePrecisionTrainsAndActs) {
  const EpisodeSet set = EpisodeSet::Load({WriteSmallData()});
  RunOptions options = SmallTd3Bc(set.info().path);
  options.train.dtype = "float64";
  Train(options, set, TemporaryPath("run"), RunStart::kFresh, {});
  EXPECT_EQ(LoadPolicy(TemporaryPath("run"), torch::kCPU).actor->flat().scalar_type(),
            torch::kFloat64);
}

}  // namespace
}  // namespace longplay
