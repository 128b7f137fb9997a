// SPDX-License-Identifier: MIT
#include "model/policy/action_head.h"

#include <gtest/gtest.h>
#include <torch/nn/functional/loss.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <cmath>
#include <limits>

#include "model/tensors/keyed_noise.h"

namespace longplay {
namespace {

const auto kDouble = torch::TensorOptions().dtype(torch::kFloat64);

TEST(ActionLossTest, SquaredErrorIsDividedByRealStepsOnly) {
  // Outputs 0 become actions 0; losses per step: (1 + 4) / 2 = 2.5, (0 + 1) / 2 = 0.5, padding.
  const auto output = torch::zeros({1, 3, 2}, kDouble);
  const auto actions = torch::tensor({{{1.0, 2.0}, {0.0, 1.0}, {9.0, 9.0}}}, kDouble);
  const auto in_loss = torch::tensor({{true, true, false}});
  const LossSums loss = ActionLoss(ActionHead::kSquaredError, output, actions, in_loss);
  EXPECT_DOUBLE_EQ(loss.sum.item<double>(), 3.0);
  EXPECT_DOUBLE_EQ(loss.count.item<double>(), 2.0);
  EXPECT_DOUBLE_EQ(loss.mean().item<double>(), 1.5);
}

TEST(ActionLossTest, PaddingOfNotANumberReachesNeitherLossNorGradient) {
  for (const auto head :
       {ActionHead::kSquaredError, ActionHead::kGaussian, ActionHead::kCategorical}) {
    const int64_t P = head == ActionHead::kGaussian ? 4 : 2;
    const auto output = torch::randn({1, 2, P}, kDouble).requires_grad_();
    auto actions = torch::ones({1, 2, 2}, kDouble);
    actions.select(1, 1).fill_(std::numeric_limits<double>::quiet_NaN());
    const LossSums loss = ActionLoss(head, output, actions, torch::tensor({{true, false}}));
    loss.mean().backward();
    EXPECT_TRUE(std::isfinite(loss.sum.item<double>()));
    EXPECT_TRUE(output.grad().isfinite().all().item<bool>());
    EXPECT_EQ(output.grad().select(1, 1).abs().max().item<double>(), 0);
  }
}

TEST(ActionLossTest, BatchWithoutRealStepsHasLossZero) {
  const LossSums loss = ActionLoss(ActionHead::kSquaredError, torch::zeros({1, 2, 1}),
                                   torch::ones({1, 2, 1}), torch::zeros({1, 2}, torch::kBool));
  EXPECT_EQ(loss.mean().item<double>(), 0);
}

TEST(ActionLossTest, GaussianEqualsTorchsFormula) {
  torch::manual_seed(2);
  const auto output = torch::randn({2, 3, 8}, kDouble), actions = torch::randn({2, 3, 4}, kDouble);
  const auto in_loss = torch::ones({2, 3}, torch::kBool);
  const auto parts = output.chunk(2, -1);
  // torch.nn.GaussianNLLLoss(full=True), which has no C++ counterpart.
  const auto var = (2 * parts[1]).exp();
  const auto expected =
      (0.5 * (var.log() + (actions - parts[0]).square() / var) + 0.5 * std::log(2 * M_PI)).mean();
  EXPECT_NEAR(ActionLoss(ActionHead::kGaussian, output, actions, in_loss).mean().item<double>(),
              expected.item<double>(), 1e-12);
}

TEST(ActionLossTest, GaussianSpreadIsClamped) {
  const auto output = torch::tensor({{{0.0, -50.0}}}, kDouble);
  const auto loss = ActionLoss(ActionHead::kGaussian, output, torch::zeros({1, 1, 1}, kDouble),
                               torch::ones({1, 1}, torch::kBool));
  EXPECT_NEAR(loss.sum.item<double>(), -5 + 0.5 * std::log(2 * M_PI), 1e-12);
}

TEST(ActionLossTest, CategoricalEqualsCrossEntropy) {
  torch::manual_seed(3);
  const auto output = torch::randn({2, 3, 5}, kDouble);
  const auto index = torch::randint(0, 5, {2, 3}, torch::kInt64);
  const auto loss =
      ActionLoss(ActionHead::kCategorical, output, torch::one_hot(index, 5).to(torch::kFloat64),
                 torch::ones({2, 3}, torch::kBool));
  const auto expected = torch::nn::functional::cross_entropy(output.flatten(0, 1), index.flatten());
  EXPECT_NEAR(loss.mean().item<double>(), expected.item<double>(), 1e-12);
}

TEST(ActionLossTest, WrongShapesAreRefused) {
  EXPECT_THROW(ActionLoss(ActionHead::kGaussian, torch::zeros({1, 2, 2}), torch::zeros({1, 2, 2}),
                          torch::ones({1, 2}, torch::kBool)),
               c10::Error);
}

torch::Tensor KeysFrom(uint64_t seed, int64_t rows) {
  return KeysOfTokens({.seed = seed}, torch::arange(rows), torch::zeros({}, torch::kInt64));
}

TEST(ChooseActionTest, SquaredErrorGivesTheTanhOfTheOutput) {
  const auto output = torch::tensor({{0.5, -2.0}}, kDouble);
  const auto action = ChooseAction(ActionHead::kSquaredError, output, ActionChoice::kSample);
  EXPECT_TRUE(torch::allclose(action, output.tanh()));
}

TEST(ChooseActionTest, GaussianMeanStaysInTheActionRange) {
  const auto output = torch::tensor({{0.5, -3.0, 0.0, 0.0}}, kDouble);
  const auto action = ChooseAction(ActionHead::kGaussian, output, ActionChoice::kMean);
  EXPECT_TRUE(torch::equal(action, torch::tensor({{0.5, -1.0}}, kDouble)));
}

TEST(ChooseActionTest, GaussianSamplesHaveTheStatedMeanAndSpreadAndFollowTheirKeys) {
  auto output = torch::zeros({20000, 2}, kDouble);
  output.select(1, 0).fill_(0.2);
  output.select(1, 1).fill_(std::log(0.1));
  const auto draw = [&](uint64_t seed) {
    return ChooseAction(ActionHead::kGaussian, output, ActionChoice::kSample,
                        KeysFrom(seed, 20000));
  };
  const auto first = draw(1);
  EXPECT_NEAR(first.mean().item<double>(), 0.2, 0.005);  // 7 standard errors of 0.1 / sqrt(20000)
  EXPECT_NEAR(first.std().item<double>(), 0.1, 0.005);
  EXPECT_TRUE(torch::equal(first, draw(1)));
  EXPECT_FALSE(torch::equal(first, draw(2)));
}

TEST(ChooseActionTest, CategoricalGivesOneHotVectorsOfTheLikeliestOrADrawnCategory) {
  const auto output = torch::tensor({0.7, 0.2, 0.1}, kDouble).log().expand({20000, 3}).contiguous();
  const auto likeliest = ChooseAction(ActionHead::kCategorical, output, ActionChoice::kMean);
  EXPECT_TRUE(torch::equal(likeliest[0], torch::tensor({1.0, 0.0, 0.0}, kDouble)));
  const auto drawn =
      ChooseAction(ActionHead::kCategorical, output, ActionChoice::kSample, KeysFrom(1, 20000));
  EXPECT_TRUE(torch::equal(drawn.sum(-1), torch::ones({20000}, kDouble)));
  EXPECT_NEAR(drawn.select(1, 1).mean().item<double>(), 0.2, 0.02);
}

TEST(ChooseActionTest, WhatARowDrawsDoesNotDependOnTheOthers) {
  torch::manual_seed(1);
  const auto output = torch::randn({30, 4}, kDouble), keys = KeysFrom(1, 30);
  for (const ActionHead head : {ActionHead::kGaussian, ActionHead::kCategorical}) {
    const auto all = ChooseAction(head, output, ActionChoice::kSample, keys);
    const auto some =
        ChooseAction(head, output.narrow(0, 7, 5), ActionChoice::kSample, keys.narrow(0, 7, 5));
    EXPECT_TRUE(some.equal(all.narrow(0, 7, 5)));
  }
}

}  // namespace
}  // namespace longplay
