// SPDX-License-Identifier: MIT
#include "model/layers/recomputation.h"

#include <gtest/gtest.h>
#include <torch/autograd.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "model/layers/layer_stack.h"

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

Outcome RunAndDifferentiate(LayerStack& stack, const torch::Tensor& x,
                            const torch::Tensor& segments = {}) {
  const auto input = x.clone().requires_grad_();
  auto inputs = stack->parameters();
  inputs.insert(inputs.begin(), input);
  const auto y = stack->forward(input, segments);
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
      for (const int64_t tokens_at_once : {0, 1, 6, 10}) {  // 10: the last chunk is shorter
        ModelOptions options = SmallOptions(MixerKind::kAttention, GetParam());
        options.attention.query_block = query_block;
        options.attention.key_block = key_block;
        options.tokens_at_once = tokens_at_once;
        auto stack = MakeStack(options);
        EXPECT_LT(LargestDifference(RunAndDifferentiate(stack, x), expected), kExact)
            << T << " tokens, blocks " << query_block << ", " << key_block << ", tokens at once "
            << tokens_at_once;
      }
    }
  }
}

TEST_P(KeepTest, SpansGroupedHeadsAndSegmentsEqualTheReferenceTwin) {
  const auto x = RandomInput(2, 23);
  const auto segments =
      torch::stack({torch::arange(23).floor_divide(7), torch::zeros({23}, torch::kInt64)});
  for (const bool segmented : {false, true}) {
    ModelOptions options = SmallOptions(MixerKind::kReferenceAttention, Keep::kEverything);
    options.attention.heads = 6;
    options.attention.key_value_heads = 2;
    options.layer_spans = {0, 5, 9};
    auto reference = MakeStack(options);
    const torch::Tensor mask = segmented ? segments : torch::Tensor();
    const Outcome expected = RunAndDifferentiate(reference, x, mask);
    options.mixer = MixerKind::kAttention;
    options.keep = GetParam();
    options.attention.query_block = 5;
    options.attention.key_block = 4;
    for (const int64_t tokens_at_once : {0, 1, 8}) {
      options.tokens_at_once = tokens_at_once;
      auto stack = MakeStack(options);
      EXPECT_LT(LargestDifference(RunAndDifferentiate(stack, x, mask), expected), kExact)
          << tokens_at_once;
    }
  }
}

TEST_P(KeepTest, EveryActivationEqualsTheReferenceTwin) {
  const auto x = RandomInput(2, 23);
  for (const FeedForwardKind kind :
       {FeedForwardKind::kGelu, FeedForwardKind::kGeluTanh, FeedForwardKind::kRelu}) {
    ModelOptions options = SmallOptions(MixerKind::kReferenceAttention, Keep::kEverything);
    options.feed_forward = kind;
    auto reference = MakeStack(options);
    const Outcome expected = RunAndDifferentiate(reference, x);
    options.mixer = MixerKind::kAttention;
    options.keep = GetParam();
    options.attention.query_block = 5;
    for (const int64_t tokens_at_once : {0, 8}) {
      options.tokens_at_once = tokens_at_once;
      auto stack = MakeStack(options);
      EXPECT_LT(LargestDifference(RunAndDifferentiate(stack, x), expected), kExact)
          << static_cast<int>(kind);
    }
  }
}

TEST_P(KeepTest, SinksBesideASpanEqualTheReferenceTwin) {
  const auto x = RandomInput(2, 23);
  for (const int64_t sinks : {1, 3, 6, 40}) {
    ModelOptions options = SmallOptions(MixerKind::kReferenceAttention, Keep::kEverything);
    options.attention.sinks = sinks;
    options.layer_spans = {0, 5, 9};
    auto reference = MakeStack(options);
    const Outcome expected = RunAndDifferentiate(reference, x);
    options.mixer = MixerKind::kAttention;
    options.keep = GetParam();
    options.attention.query_block = 5;
    options.attention.key_block = 4;
    for (const int64_t tokens_at_once : {0, 1, 8}) {
      options.tokens_at_once = tokens_at_once;
      auto stack = MakeStack(options);
      EXPECT_LT(LargestDifference(RunAndDifferentiate(stack, x), expected), kExact)
          << sinks << " sinks, tokens at once " << tokens_at_once;
    }
  }
}

TEST_P(KeepTest, FilesChangeNothing) {
  ModelOptions options = SmallOptions(MixerKind::kAttention, GetParam());
  const auto x = RandomInput(2, 23);
  auto stack = MakeStack(options);
  const Outcome expected = RunAndDifferentiate(stack, x);
  options.kept.place = KeptPlace::kFile;
  for (const int64_t tokens_at_once : {0, 8}) {
    options.tokens_at_once = tokens_at_once;
    auto filed = MakeStack(options);
    EXPECT_LT(LargestDifference(RunAndDifferentiate(filed, x), expected), kExact);
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
    EXPECT_LT((RunRecomputed(layers, x, {}, {}, {.rows_at_once = rows}) - expected)
                  .abs()
                  .max()
                  .item<double>(),
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

/// Error of the whole gradient (input and parameters), relative to its norm.
double RelativeError(const Outcome& got, const Outcome& wanted) {
  double error = 0, size = 0;
  for (size_t i = 0; i < wanted.gradients.size(); ++i) {
    const auto& exact = wanted.gradients[i];
    error += (got.gradients[i].to(exact.scalar_type()) - exact).square().sum().item<double>();
    size += exact.square().sum().item<double>();
  }
  return std::sqrt(error / size);
}

TEST(RecomputationTest, CompressedModesHaveTheOutputExactlyAndTheirStatedGradientError) {
  const auto x = RandomInput(2, 40).to(torch::kFloat32);
  for (const Keep keep : {Keep::kEverything, Keep::kLayerInputs, Keep::kLayerInputsAndAttention}) {
    ModelOptions options = SmallOptions(MixerKind::kAttention, keep);
    auto stack = MakeStack(options, torch::kFloat32);
    const Outcome exact = RunAndDifferentiate(stack, x);
    // Residuals measured: bfloat16 0.003, int8 0.01.
    for (const auto& [type, bound] : std::vector<std::pair<KeptType, double>>{
             {KeptType::kBFloat16, 0.03}, {KeptType::kInt8, 0.1}}) {
      options.kept.type = type;
      for (const int64_t tokens_at_once : {0, 16}) {
        options.tokens_at_once = tokens_at_once;
        auto compressed = MakeStack(options, torch::kFloat32);
        const Outcome got = RunAndDifferentiate(compressed, x);
        EXPECT_LT((got.y - exact.y).abs().max().item<float>(), 1e-4);
        EXPECT_LT(RelativeError(got, exact), bound);
        EXPECT_GT(RelativeError(got, exact), 0);
      }
    }
  }
}

TEST(RecomputationTest, BFloat16ComputesWithFloat32Masters) {
  const auto x = RandomInput(2, 40).to(torch::kFloat32);
  for (const Keep keep : {Keep::kEverything, Keep::kLayerInputs, Keep::kLayerInputsAndAttention}) {
    ModelOptions options = SmallOptions(MixerKind::kAttention, keep);
    torch::manual_seed(1);
    LayerStack stack(options);  // fresh weights: with large ones 8 bits are too few to compare
    const Outcome exact = RunAndDifferentiate(stack, x);
    for (const int64_t tokens_at_once : {0, 16}) {
      options.tokens_at_once = tokens_at_once;
      torch::manual_seed(1);
      LayerStack narrow(options);
      const Outcome got = RunAndDifferentiate(narrow, x.to(torch::kBFloat16));
      EXPECT_EQ(got.y.scalar_type(), torch::kBFloat16);
      EXPECT_EQ(got.gradients[0].scalar_type(), torch::kBFloat16);
      EXPECT_EQ(got.gradients[1].scalar_type(), torch::kFloat32);
      EXPECT_LT(RelativeError(got, exact), 0.2);  // residual measured: 0.016
    }
  }
}

TEST(RecomputationTest, KeepingBFloat16WhatIsBFloat16ChangesNothing) {
  // The kept tensor is then the layer's input itself, which the next layer must not overwrite.
  const auto x = RandomInput(2, 40).to(torch::kBFloat16);
  ModelOptions options = SmallOptions(MixerKind::kAttention, Keep::kLayerInputs);
  for (const int64_t tokens_at_once : {0, 16}) {
    options.tokens_at_once = tokens_at_once;
    options.kept.type = KeptType::kAsComputed;
    auto plain = MakeStack(options, torch::kFloat32);
    const Outcome expected = RunAndDifferentiate(plain, x);
    options.kept.type = KeptType::kBFloat16;
    auto kept = MakeStack(options, torch::kFloat32);
    EXPECT_EQ(LargestDifference(RunAndDifferentiate(kept, x), expected), 0);
  }
}

TEST(RecomputationTest, LayersDrawDifferentMasks) {
  // Seeds that lay 2^40 apart gave every layer the same masks on CPU.
  ModelOptions options = SmallOptions(MixerKind::kAttention, Keep::kLayerInputs);
  options.layers = 2;
  options.dropout = 0.5;
  auto stack = MakeStack(options);
  {  // each layer becomes x + dropout(1) + dropout(0)
    const torch::NoGradGuard no_grad;
    for (auto& item : stack->named_parameters()) {
      item.value().zero_();
      if (item.key().find("mixer.projection.bias") != std::string::npos) item.value().fill_(1);
    }
  }
  const auto y = stack->forward(torch::zeros({1, 64, 12}, torch::kFloat64));
  // Equal masks give 0 and 4 alone; different ones give 2 half of the time.
  EXPECT_NEAR((y == 2).to(torch::kFloat64).mean().item<double>(), 0.5, 0.1);
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

TEST_P(KeepTest, OutputsAndGradientsWithDropoutEqualTheReferenceTwins) {
  const auto with_dropout = [](ModelOptions options) {
    options.dropout = 0.3;
    options.attention.dropout = 0.2;
    return options;
  };
  auto reference =
      MakeStack(with_dropout(SmallOptions(MixerKind::kReferenceAttention, Keep::kEverything)));
  ModelOptions options = with_dropout(SmallOptions(MixerKind::kAttention, GetParam()));
  options.attention.query_block = 5;
  options.attention.key_block = 3;
  const auto x = RandomInput(2, 23);
  const Outcome expected = RunAndDifferentiate(reference, x);
  for (const int64_t tokens_at_once : {0, 4}) {
    options.tokens_at_once = tokens_at_once;
    auto stack = MakeStack(options);
    EXPECT_LT(LargestDifference(RunAndDifferentiate(stack, x), expected), kExact);
    const TokenNoise other = NoiseOfTokens({.seed = 8}, {}, 2, 23, 1, torch::kCPU);
    EXPECT_GT((stack->forward(x, {}, other) - expected.y).abs().max().item<double>(), 0.1);
    stack->eval();
    EXPECT_TRUE(stack->forward(x, {}, other).equal(stack->forward(x)));
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
