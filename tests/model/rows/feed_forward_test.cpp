// SPDX-License-Identifier: MIT
#include "model/rows/feed_forward.h"

#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

namespace longplay {
namespace {

TEST(FeedForwardTest, SwiGluIsTheGatedProductWithoutBiases) {
  torch::manual_seed(1);
  FeedForward network(FeedForwardKind::kSwiGlu, 6, 10);
  network->to(torch::kFloat64);
  EXPECT_EQ(network->parameters().size(), 3U);
  const auto x = torch::randn({2, 3, 6}, torch::kFloat64);
  const auto gate = x.matmul(network->gate->weight.t());
  const auto expected = (gate * torch::sigmoid(gate) * x.matmul(network->expand->weight.t()))
                            .matmul(network->contract->weight.t());
  EXPECT_LT((network->forward(x) - expected).abs().max().item<double>(), 1e-15);
}

TEST(FeedForwardTest, KindsShareTheirWeightsAndDifferInTheActivation) {
  torch::manual_seed(1);
  FeedForward gelu(FeedForwardKind::kGelu, 6, 10);
  torch::manual_seed(1);
  FeedForward relu(FeedForwardKind::kRelu, 6, 10);
  const auto x = torch::randn({4, 6});
  EXPECT_TRUE(torch::equal(gelu->expand->weight, relu->expand->weight));
  EXPECT_TRUE(torch::equal(
      relu->forward(x),
      torch::addmm(relu->contract->bias,
                   torch::addmm(relu->expand->bias, x, relu->expand->weight.t()).clamp_min(0),
                   relu->contract->weight.t())));
  EXPECT_FALSE(torch::equal(gelu->forward(x), relu->forward(x)));
}

TEST(FeedForwardTest, ImpossibleOptionsAreRefused) {
  EXPECT_THROW(FeedForward(FeedForwardKind::kAuto, 6, 10), c10::Error);
  EXPECT_THROW(FeedForward(FeedForwardKind::kNone, 6, 10), c10::Error);
  EXPECT_THROW(FeedForward(FeedForwardKind::kRelu, 6, 0), c10::Error);
}

}  // namespace
}  // namespace longplay
