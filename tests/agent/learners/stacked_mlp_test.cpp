// SPDX-License-Identifier: MIT
#include "agent/learners/stacked_mlp.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/ops/rand.h>
#include <gtest/gtest.h>

namespace longplay {
namespace {

using Weights = StackedMlp::Weights;

at::Generator Seeded(uint64_t seed) { return at::make_generator<at::CPUGeneratorImpl>(seed); }

// The slow twin: copy c of two layers in [3, 5, 2], one linear map after another. The vector holds
// for each layer the weights of all copies, then their biases.
torch::Tensor Plain(const torch::Tensor& flat, int64_t copies, int64_t c, const torch::Tensor& x) {
  const auto part = [&](int64_t start, int64_t rows, int64_t columns) {
    return flat.narrow(0, start + c * rows * columns, rows * columns).view({rows, columns});
  };
  const torch::Tensor hidden = x.mm(part(0, 3, 5)) + part(copies * 15, 1, 5);
  return hidden.relu().mm(part(copies * 20, 5, 2)) + part(copies * 30, 1, 2);
}

TEST(StackedMlpTest, EqualsPlainLayersInOutputsAndGradients) {
  const StackedMlp mlp(2, {3, 5, 2}, Seeded(1));
  const torch::Tensor x = at::rand({7, 3}, Seeded(2), at::kFloat);
  const torch::Tensor twin = mlp.flat().detach().clone().set_requires_grad(true);
  const torch::Tensor fast = mlp.Forward(x, Weights::kTrained);
  const torch::Tensor slow = at::stack({Plain(twin, 2, 0, x), Plain(twin, 2, 1, x)});
  fast.square().sum().backward();
  slow.square().sum().backward();
  // float32 sums of at most 7 x 5 terms near 1: residuals 1e-7
  EXPECT_LT((fast - slow).abs().max().item<double>(), 1e-6);
  EXPECT_LT((mlp.flat().grad() - twin.grad()).abs().max().item<double>(), 1e-5);
}

TEST(StackedMlpTest, FrozenWeightsPassGradientsOnButTakeNone) {
  const StackedMlp mlp(2, {3, 5, 2}, Seeded(1));
  const torch::Tensor x = at::rand({7, 3}, Seeded(2), at::kFloat).set_requires_grad(true);
  mlp.Forward(x, Weights::kFrozen).sum().backward();
  EXPECT_GT(x.grad().abs().max().item<double>(), 0);
  EXPECT_EQ(mlp.flat().grad().abs().max().item<double>(), 0);
}

}  // namespace
}  // namespace longplay
