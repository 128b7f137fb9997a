// SPDX-License-Identifier: MIT
#include "agent/learners/td3_bc.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/ops/full.h>
#include <ATen/ops/rand.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>

#include <limits>

namespace longplay {
namespace {

at::Generator Seeded(uint64_t seed) { return at::make_generator<at::CPUGeneratorImpl>(seed); }

double Difference(const torch::Tensor& a, const torch::Tensor& b) {
  return (a - b).abs().max().item<double>();
}

/// The fixture's networks and batch (tests/agent/fixtures/make_td3_bc.py).
class Td3BcTest : public testing::Test {
 protected:
  Td3BcTest()
      : fixture_(ReadSafetensors(LONGPLAY_SOURCE_DIR "/tests/agent/fixtures/td3_bc.safetensors")),
        learner_(3, 2, {.hidden = 5}, Seeded(1), at::kDouble),
        batch_{.observations = fixture_.at("batch.observations"),
               .actions = fixture_.at("batch.actions"),
               .rewards = fixture_.at("batch.rewards"),
               .next_observations = fixture_.at("batch.next_observations"),
               .continues = fixture_.at("batch.continues")} {
    TensorMap state = learner_.state();  // with the moments at 0
    for (const char* name : kNetworks) state[name] = fixture_.at(std::string("before.") + name);
    learner_.Load(state);
  }

  static constexpr const char* kNetworks[] = {"actor", "critics", "target_actor", "target_critics"};
  TensorMap fixture_;
  Td3Bc learner_;
  TransitionBatch batch_;
};

// In float64 the largest residuals are 1e-15.
TEST_F(Td3BcTest, TwoStepsEqualThePapersEquationsInPyTorch) {
  constexpr double kTolerance = 1e-12;
  const torch::Tensor noise = fixture_.at("noise"), losses = fixture_.at("losses");
  EXPECT_LT(Difference(learner_.Targets(batch_, noise[0]), fixture_.at("targets.1")), kTolerance);
  const auto first = learner_.UpdateCritics(batch_, noise[0]);
  EXPECT_LT(Difference(learner_.Targets(batch_, noise[1]), fixture_.at("targets.2")), kTolerance);
  const auto second = learner_.UpdateCritics(batch_, noise[1]);
  const auto actor = learner_.UpdateActor(batch_);
  ASSERT_TRUE(first && second && actor);
  EXPECT_NEAR(first->loss, losses[0].item<double>(), kTolerance);
  EXPECT_NEAR(second->loss, losses[1].item<double>(), kTolerance);
  EXPECT_NEAR(actor->loss, losses[2].item<double>(), kTolerance);
  EXPECT_NEAR(actor->cloning, losses[3].item<double>(), kTolerance);
  EXPECT_NEAR(actor->value, losses[4].item<double>(), kTolerance);
  for (const char* name : kNetworks) {
    EXPECT_LT(Difference(learner_.state().at(name), fixture_.at(std::string("after.") + name)),
              kTolerance)
        << name;
  }
}

TEST_F(Td3BcTest, NothingLiesBeyondATermination) {
  batch_.continues = at::zeros({6}, at::kDouble);
  EXPECT_TRUE(learner_.Targets(batch_, fixture_.at("noise")[0]).equal(batch_.rewards));
}

TEST_F(Td3BcTest, AStepThatIsNotFiniteChangesNothing) {
  const torch::Tensor critics = learner_.state().at("critics").clone();
  batch_.rewards = at::full({6}, std::numeric_limits<double>::infinity(), at::kDouble);
  EXPECT_FALSE(learner_.UpdateCritics(batch_, fixture_.at("noise")[0]).has_value());
  EXPECT_TRUE(learner_.state().at("critics").equal(critics));
  const torch::Tensor actor = learner_.state().at("actor").clone();
  batch_.observations = at::full({6, 3}, std::numeric_limits<double>::infinity(), at::kDouble);
  EXPECT_FALSE(learner_.UpdateActor(batch_).has_value());
  EXPECT_TRUE(learner_.state().at("actor").equal(actor));
}

TEST(Td3BcLearningTest, ThePolicyLeavesTheDataForActionsThatAreWorthMore) {
  // One decision: reward 1 - (action - observation / 2)^2; the data's actions are all over.
  const at::Generator generator = Seeded(4);
  Td3Bc learner(1, 1, {.policy_every = 2, .hidden = 32, .learning_rate = 3e-3}, generator,
                at::kFloat);
  for (int step = 1; step <= 1500; ++step) {
    const torch::Tensor observations = at::rand({64, 1}, generator, at::kFloat) * 2 - 1;
    const torch::Tensor actions = at::rand({64, 1}, generator, at::kFloat) * 2 - 1;
    const TransitionBatch batch = {.observations = observations,
                                   .actions = actions,
                                   .rewards = 1 - (actions - observations / 2).square().squeeze(1),
                                   .next_observations = observations,
                                   .continues = at::zeros({64}, at::kFloat)};
    learner.UpdateCritics(batch, at::randn({64, 1}, generator, at::kFloat));
    if (step % 2 == 0) learner.UpdateActor(batch);
  }
  const torch::Tensor asked = at::rand({500, 1}, generator, at::kFloat) * 2 - 1;
  const torch::Tensor error =
      ActorActions(learner.actor(), asked, StackedMlp::Weights::kFrozen) - asked / 2;
  EXPECT_LT(error.square().mean().item<double>(), 0.01);  // cloning alone gives 0.083
}

}  // namespace
}  // namespace longplay
