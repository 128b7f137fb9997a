// SPDX-License-Identifier: MIT
#include "agent/implicit_q/implicit_q.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include <cmath>

namespace longplay {
namespace {

TEST(ImplicitQTest, TheExpectileOfNumbersIsWhereTheirLossIsLeast) {
  // Of 0 and 1 alike the expectile t is t: t * t (1 - t) = (1 - t) * (1 - t) t.
  const torch::Tensor numbers = torch::tensor({0.0, 1.0}, torch::kFloat64);
  for (const double expectile : {0.5, 0.7, 0.9}) {
    const torch::Tensor value = torch::full({1}, expectile, torch::kFloat64).requires_grad_();
    ExpectileLoss(numbers - value, expectile).sum().backward();
    EXPECT_NEAR(value.grad().item<double>(), 0, 1e-15);
  }
}

TEST(ImplicitQTest, WeightsAreExponentialsUpToTheirMost) {
  const torch::Tensor advantages = torch::tensor({-1.0, 0.0, 0.5, 9.0}, torch::kFloat64);
  const torch::Tensor weights = AdvantageWeights(advantages, {.beta = 2, .most_weight = 50});
  EXPECT_DOUBLE_EQ(weights[0].item<double>(), std::exp(-2));
  EXPECT_EQ(weights[1].item<double>(), 1);
  EXPECT_DOUBLE_EQ(weights[2].item<double>(), std::exp(1));
  EXPECT_EQ(weights[3].item<double>(), 50);
}

TEST(ImplicitQTest, NothingLiesBeyondAnEnd) {
  const auto of = [](double number) { return torch::full({1}, number, torch::kFloat64); };
  const ImplicitQOptions options{.discount = 0.5, .reward_scale = 10};
  EXPECT_EQ(ImplicitQTargets(of(2), of(0), of(8), options).item<double>(), 24);
  EXPECT_EQ(ImplicitQTargets(of(2), of(1), of(8), options).item<double>(), 20);
}

}  // namespace
}  // namespace longplay
