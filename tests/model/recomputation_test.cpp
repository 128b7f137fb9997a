// SPDX-License-Identifier: MIT
#include "model/recomputation.h"

#include <gtest/gtest.h>
#include <torch/autograd.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "model/layer_stack.h"

namespace longplay {
namespace {

// Residuals measured below 1e-12 on gradients of size up to 100.
constexpr double kExact = 1e-10;

ModelOptions SmallOptions(MixerKind mixer, Keep keep) {
  ModelOptions options{.observation_size = 3, .action_size = 2, .mixer = mixer, .layers = 3};
  options.attention = {.width = 12, .heads = 3};
  options.feed_forward_width = 20;
  options.keep = keep;
  return options;
}

LayerStack MakeStack(const ModelOptions& options, torch::ScalarType dtype = torch::kFloat64) {
  torch::manual_seed(1);
  LayerStack stack(options);
  // Larger weights than the fresh ones, so that an error cannot hide.
  const torch::NoGradGuard no_grad;
  for (auto& parameter : stack->parameters()) parameter.normal_(0, 0.4);
  stack->to(dtype);
  return stack;
}

struct Outcome {
  torch::Tensor y;
  std::vector<torch::Tensor> gradients;  // of x, then of every parameter
};

Outcome RunAndDifferentiate(LayerStack& stack, const torch::Tensor& x) {
  torch::manual_seed(7);
  const auto input = x.clone().requires_grad_();
  auto inputs = stack->parameters();
  inputs.insert(inputs.begin(), input);
  const auto y = stack->forward(input);
  const auto weights = torch::linspace(-1, 1, y.numel(), y.options()).view_as(y);
  return {y.detach(), torch::autograd::grad({(y * weights).sum()}, inputs)};
}

double LargestDifference(const Outcome& a, const Outcome& b) {
  double largest = (a.y - b.y).abs().max().item<double>();
  for (size_t i = 0; i < a.gradients.size(); ++i) {
    largest = std::max(largest, (a.gradients[i] - b.gradients[i]).abs().max().item<double>());
  }
  return largest;
}

torch::Tensor RandomInput(int64_t B, int64_t T) {
  torch::manual_seed(B * 100 + T);
  return torch::randn({B, T, 12}, torch::kFloat64);
}

class KeepTest : public testing::TestWithParam<Keep> {};

TEST_P(KeepTest, OutputsAndGradientsEqualTheReferenceTwin) {
  auto reference = MakeStack(SmallOptions(MixerKind::kReferenceAttention, Keep::kEverything));
  for (const int64_t T : {1, 24, 23}) {
    const auto x = RandomInput(2, T);
    const Outcome expected = RunAndDifferentiate(reference, x);
    for (const auto& [query_block, key_block] :
         std::vector<std::pair<int64_t, int64_t>>{{4, 3}, {4, 64}, {64, 64}, {5, 5}}) {
      for (const int64_t heads_at_once : {0, 1, 2}) {  // 2: the last group is smaller
        ModelOptions options = SmallOptions(MixerKind::kAttention, GetParam());
        options.attention.query_block = query_block;
        options.attention.key_block = key_block;
        options.attention.heads_at_once = heads_at_once;
        auto stack = MakeStack(options);
        EXPECT_LT(LargestDifference(RunAndDifferentiate(stack, x), expected), kExact)
            << T << " tokens, blocks " << query_block << ", " << key_block << ", heads at once "
            << heads_at_once;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(EveryMode, KeepTest,
                         testing::Values(Keep::kEverything, Keep::kLayerInputs,
                                         Keep::kLayerInputsAndAttention));

TEST(RecomputationTest, FeedForwardChunksAreContiguousRowsAndTheLastMayBeShort) {
  // 6305e2f chunked with a stride; wdlctc/mini-s drops a tail that does not fill a chunk.
  auto stack = MakeStack(SmallOptions(MixerKind::kAttention, Keep::kEverything));
  std::vector<Layer> layers;
  for (auto& child : stack->children()) {
    layers.emplace_back(std::dynamic_pointer_cast<LayerImpl>(child));
  }
  const auto x = RandomInput(3, 7);  // 21 rows
  const auto expected = stack->forward(x);
  for (const int64_t rows : {1, 2, 20, 21, 22}) {
    EXPECT_LT(
        (RunRecomputed(layers, x, {.rows_at_once = rows}) - expected).abs().max().item<double>(),
        kExact)
        << rows;
  }
}

TEST(RecomputationTest, Float32StaysCloseToFloat64) {
  const auto x = RandomInput(2, 40);
  const ModelOptions options = SmallOptions(MixerKind::kAttention, Keep::kLayerInputsAndAttention);
  auto exact = MakeStack(options), rounded = MakeStack(options, torch::kFloat32);
  const Outcome a = RunAndDifferentiate(exact, x);
  const Outcome b = RunAndDifferentiate(rounded, x.to(torch::kFloat32));
  for (size_t i = 0; i < a.gradients.size(); ++i) {
    // Residual measured: 4e-6 of the largest entry.
    const double size = a.gradients[i].abs().max().item<double>();
    EXPECT_LT((a.gradients[i] - b.gradients[i]).abs().max().item<double>(), 4e-5 * size);
  }
}

TEST(RecomputationTest, WithoutGradientNothingIsKeptAndTheOutputIsTheSame) {
  auto stack = MakeStack(SmallOptions(MixerKind::kAttention, Keep::kLayerInputs));
  const auto x = RandomInput(2, 9);
  const auto expected = stack->forward(x);
  EXPECT_TRUE(expected.requires_grad());
  const torch::NoGradGuard no_grad;
  const auto y = stack->forward(x);
  EXPECT_FALSE(y.requires_grad());
  EXPECT_TRUE(torch::equal(y, expected));
}

TEST(RecomputationTest, GradientsThatTheCallerHoldsAreNotOverwritten) {
  auto stack = MakeStack(SmallOptions(MixerKind::kAttention, Keep::kLayerInputsAndAttention));
  const auto y = stack->forward(RandomInput(2, 9));
  const auto grad = torch::ones_like(y);
  y.backward(grad);
  EXPECT_TRUE(torch::equal(grad, torch::ones_like(y)));
}

TEST(RecomputationTest, DropoutRepeatsItsMasksInBackward) {
  // The gradient of a function with fixed masks agrees with differences of that function.
  ModelOptions options = SmallOptions(MixerKind::kAttention, Keep::kLayerInputsAndAttention);
  options.dropout = 0.3;
  options.attention.query_block = 5;
  for (const Keep keep : {Keep::kLayerInputs, Keep::kLayerInputsAndAttention}) {
    options.keep = keep;
    auto stack = MakeStack(options);
    const auto x = RandomInput(2, 9), direction = torch::randn_like(x);
    const auto loss = [&](const torch::Tensor& at) {
      torch::manual_seed(7);
      const torch::NoGradGuard no_grad;
      const auto y = stack->forward(at);
      return (y * torch::linspace(-1, 1, y.numel(), y.options()).view_as(y)).sum().item<double>();
    };
    const double step = 1e-6;
    const double slope = (loss(x + step * direction) - loss(x - step * direction)) / (2 * step);
    const Outcome outcome = RunAndDifferentiate(stack, x);
    EXPECT_NEAR((outcome.gradients[0] * direction).sum().item<double>(), slope,
                1e-6 * std::abs(slope));
    torch::manual_seed(8);
    EXPECT_FALSE(torch::equal(stack->forward(x), outcome.y)) << "another seed, other masks";
    stack->eval();
    EXPECT_TRUE(torch::equal(stack->forward(x), stack->forward(x)));
  }
}

TEST(RecomputationTest, SecondBackwardIsRefused) {
  auto stack = MakeStack(SmallOptions(MixerKind::kAttention, Keep::kLayerInputs));
  const auto loss = stack->forward(RandomInput(1, 4)).sum();
  loss.backward({}, /*retain_graph=*/true);
  EXPECT_THROW(loss.backward(), c10::Error);
}

TEST(RecomputationTest, ParametersChangedBetweenForwardAndBackwardAreRefused) {
  auto stack = MakeStack(SmallOptions(MixerKind::kAttention, Keep::kLayerInputs));
  const auto loss = stack->forward(RandomInput(1, 4)).sum();
  {
    const torch::NoGradGuard no_grad;
    stack->parameters()[0].add_(1);
  }
  EXPECT_THROW(loss.backward(), c10::Error);
}

}  // namespace
}  // namespace longplay
