// SPDX-License-Identifier: MIT
#include "model/rows/activation.h"

#include <gtest/gtest.h>
#include <torch/autograd.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <cmath>
#include <numbers>

namespace longplay {
namespace {

constexpr double kExact = 1e-12;  // residuals measured below 1e-15

torch::Tensor Numbers() { return torch::linspace(-6, 6, 121, torch::kFloat64); }  // 0 among them

/// The formulas as their sources print them.
torch::Tensor Written(FeedForwardKind kind, const torch::Tensor& x) {
  if (kind == FeedForwardKind::kRelu) return x.clamp_min(0);
  if (kind == FeedForwardKind::kGelu) return 0.5 * x * (1 + torch::erf(x / std::sqrt(2.0)));
  return 0.5 * x * (1 + torch::tanh(std::sqrt(2 / std::numbers::pi) * (x + 0.044715 * x.pow(3))));
}

class ActivationTest : public testing::TestWithParam<FeedForwardKind> {};

TEST_P(ActivationTest, IsTheFormulaOfItsSource) {
  const auto difference = Activate(GetParam(), Numbers()) - Written(GetParam(), Numbers());
  EXPECT_LT(difference.abs().max().item<double>(), kExact);
}

TEST_P(ActivationTest, InPlaceIsTheSame) {
  auto x = Numbers();
  ActivateInPlace(GetParam(), x);
  EXPECT_TRUE(torch::equal(x, Activate(GetParam(), Numbers())));
}

TEST_P(ActivationTest, BackwardIsTheDerivative) {
  const auto x = Numbers().requires_grad_();
  const auto grad = torch::linspace(-1, 2, 121, torch::kFloat64);
  const auto expected = torch::autograd::grad({(Activate(GetParam(), x) * grad).sum()}, {x})[0];
  EXPECT_TRUE(torch::equal(ActivateBackward(GetParam(), grad, x.detach()), expected));
}

INSTANTIATE_TEST_SUITE_P(EveryKind, ActivationTest,
                         testing::Values(FeedForwardKind::kGelu, FeedForwardKind::kGeluTanh,
                                         FeedForwardKind::kRelu));

TEST(ActivationTest, KindsThatAreNoneAreRefused) {
  EXPECT_THROW(Activate(FeedForwardKind::kSwiGlu, Numbers()), c10::Error);
  EXPECT_THROW(Activate(FeedForwardKind::kNone, Numbers()), c10::Error);
}

}  // namespace
}  // namespace longplay
