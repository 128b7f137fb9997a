// SPDX-License-Identifier: MIT
#include "agent/learners/soft_actor_critic.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/ops/rand.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

namespace longplay {
namespace {

at::Generator Seeded(uint64_t seed) { return at::make_generator<at::CPUGeneratorImpl>(seed); }

TransitionBatch RandomBatch(int64_t count, uint64_t seed) {
  const at::Generator generator = Seeded(seed);
  const auto draw = [&](at::IntArrayRef sizes) { return at::rand(sizes, generator, at::kFloat); };
  return {.observations = draw({count, 3}),
          .actions = draw({count, 2}) * 2 - 1,
          .rewards = draw({count}),
          .next_observations = draw({count, 3}),
          .continues = draw({count}).round()};
}

TEST(SoftActorCriticTest, LogProbabilityIsTheDensityOfTheAction) {
  // the change of variables by hand: action = tanh(u), u Gaussian
  const double mean = 0.3, log_std = -0.7;
  const double raw = std::atanh((log_std + 5) / 3.5 - 1);  // mapped into [-5, 2]
  const torch::Tensor output =
      at::tensor({static_cast<float>(mean), static_cast<float>(raw)}).expand({100, 2});
  const SampledActions sampled = SampleTanhGaussian(output, Seeded(1));
  for (int row = 0; row < 100; ++row) {
    const auto action = sampled.actions[row][0].item<double>();
    const double z = (std::atanh(action) - mean) / std::exp(log_std);
    const double expected = -0.5 * z * z - log_std - 0.5 * std::log(2 * std::numbers::pi) -
                            std::log(1 - action * action);
    // atanh near 1 magnifies float32 rounding: largest residual 2e-5
    EXPECT_NEAR(sampled.log_probability[row].item<double>(), expected, 2e-4);
  }
}

TEST(SoftActorCriticTest, TargetsStopAtATermination) {
  SoftActorCritic learner(3, 2, {}, 1);
  TransitionBatch batch = RandomBatch(8, 2);
  batch.continues = at::zeros({8}, at::kFloat);
  EXPECT_TRUE(learner.Targets(batch).equal(batch.rewards));
  batch.continues = batch.continues + 1;
  EXPECT_TRUE((learner.Targets(batch) - batch.rewards).abs().gt(0).all().item<bool>());
}

TEST(SoftActorCriticTest, GoesOnFromItsStateWithTheSameBytes) {
  for (const int before : {0, 3}) {  // optimisers have no moments before their first step
    SoftActorCritic whole(3, 2, {.hidden = 32}, 5), resumed(3, 2, {.hidden = 32}, 6);
    for (int step = 0; step < before; ++step) whole.Update(RandomBatch(32, step));
    TensorMap state;
    for (const auto& [name, tensor] : whole.state()) state[name] = tensor.detach().clone();
    resumed.Load(state);
    for (int step = before; step < 9; ++step) {
      whole.Update(RandomBatch(32, step));
      resumed.Update(RandomBatch(32, step));
    }
    const torch::Tensor observations = RandomBatch(16, 999).observations;
    EXPECT_TRUE(whole.Act(observations).equal(resumed.Act(observations)));
    state.erase("critics");
    EXPECT_THROW(resumed.Load(state), std::runtime_error);
  }
}

TEST(SoftActorCriticTest, ActsWithTheNoiseThatIsGiven) {
  SoftActorCritic learner(3, 2, {.hidden = 32}, 5);
  const torch::Tensor observations = RandomBatch(16, 999).observations;
  const torch::Tensor noise = at::randn({16, 2}, Seeded(3), at::kFloat);
  const torch::Tensor actions = learner.Act(observations, noise);
  learner.Act(observations);  // its own generator goes on: that changes nothing
  EXPECT_TRUE(learner.Act(observations, noise).equal(actions));
  EXPECT_FALSE(learner.Act(observations, -noise).equal(actions));
}

TEST(SoftActorCriticTest, SameSeedGivesTheSameBytes) {
  const auto train = [] {
    SoftActorCritic learner(3, 2, {.hidden = 32}, 5);
    for (int step = 0; step < 200; ++step) learner.Update(RandomBatch(32, step));
    return learner.Act(RandomBatch(16, 999).observations);
  };
  EXPECT_TRUE(train().equal(train()));
}

TEST(SoftActorCriticTest, ATemperatureThatIsFixedStaysAndALearntOneDoesNot) {
  for (const bool learns : {false, true}) {
    SoftActorCritic learner(
        3, 2, {.hidden = 8, .first_temperature = 0.2, .learns_temperature = learns}, 3);
    for (uint64_t step = 0; step < 20; ++step) learner.Update(RandomBatch(16, step));
    EXPECT_EQ(std::abs(learner.temperature() - 0.2) > 1e-3, learns);
  }
}

TEST(SoftActorCriticTest, CriticsHaveAsManyLayersAsTheyAreGiven) {
  // Each of both: 5 inputs -> 8 -> 8 -> 8 -> 1.
  SoftActorCritic learner(3, 2, {.hidden = 8, .critic_layers = 3}, 3);
  EXPECT_EQ(learner.state().at("critics").numel(), 2 * ((5 + 1) * 8 + 2 * (8 + 1) * 8 + (8 + 1)));
  learner.Update(RandomBatch(16, 1));
}

TEST(SoftActorCriticTest, LearnsTheActionThatIsRewarded) {
  // One decision: reward 1 - (action - observation / 2)^2, then the episode ends.
  SoftActorCritic learner(1, 1, {.hidden = 32, .learning_rate = 3e-3}, 3);
  const at::Generator generator = Seeded(4);
  for (int step = 0; step < 600; ++step) {
    const torch::Tensor observations = at::rand({64, 1}, generator, at::kFloat) * 2 - 1;
    const torch::Tensor actions = at::rand({64, 1}, generator, at::kFloat) * 2 - 1;
    learner.Update({.observations = observations,
                    .actions = actions,
                    .rewards = 1 - (actions - observations / 2).square().squeeze(1),
                    .next_observations = observations,
                    .continues = at::zeros({64}, at::kFloat)});
  }
  const torch::Tensor asked = at::rand({500, 1}, generator, at::kFloat) * 2 - 1;
  const torch::Tensor error = learner.Act(asked) - asked / 2;
  // untrained: 0.35; entropy -1 means a standard deviation of 0.09 is left on purpose
  EXPECT_LT(error.square().mean().item<double>(), 0.05);
}

}  // namespace
}  // namespace longplay
