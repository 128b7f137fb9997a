// SPDX-License-Identifier: MIT
#include "model/layers/chunked_layers.h"

#include <gtest/gtest.h>
#include <torch/autograd.h>
#include <torch/types.h>
#include <torch/utils.h>

#include "model/layers/layer_stack.h"

namespace longplay {
namespace {

constexpr double kExact = 1e-10;  // residuals measured below 1e-13 on gradients of size up to 30

/// A leaky sum whose decay is learned: y_t = s_t = a s_{t-1} + x_t W, forgetting where a segment
/// begins. Small enough to be seen to be right.
ChunkedStack LeakySum(const torch::Tensor& a, const torch::Tensor& W, int64_t B) {
  ChunkedStack stack;
  stack.map = [a, W](const torch::Tensor& x, StateTensors& state, const Chunk& chunk) {
    auto s = state[0];
    std::vector<torch::Tensor> rows;
    for (int64_t t = 0; t < x.size(1); ++t) {
      if (chunk.starts.defined()) {
        s = s.masked_fill(chunk.starts.select(1, t).unsqueeze(1), 0);
      }
      s = a * s + torch::matmul(x.select(1, t), W);
      rows.push_back(s);
    }
    state = {s, state[1] + x.size(1)};
    return torch::stack(rows, 1).tanh();
  };
  stack.parameters = {a, W};
  stack.start = {torch::zeros({B, W.size(1)}, W.options().requires_grad(false)),
                 torch::zeros({B}, torch::kInt64)};
  stack.grows = {0, 0};
  return stack;
}

struct Outcome {
  torch::Tensor y;
  StateTensors last;
  std::vector<torch::Tensor> gradients;
};

Outcome RunSum(const ChunkedOptions& options, bool segmented) {
  torch::manual_seed(3);
  const auto a = torch::rand({5}, torch::kFloat64).requires_grad_();
  const auto W = torch::randn({5, 5}, torch::kFloat64).requires_grad_();
  const auto x = torch::randn({2, 23, 5}, torch::kFloat64).requires_grad_();
  Chunk chunk{.noise = NoiseOfTokens({}, {}, 2, 23, 1, torch::kCPU)};  // 8 bits round by it
  if (segmented) {
    chunk.starts = torch::zeros({2, 23}, torch::kBool);
    chunk.starts[0][7] = chunk.starts[0][12] = chunk.starts[1][20] = true;
  }
  const ChunkedOutput output = RunInChunks(LeakySum(a, W, 2), x, chunk, options);
  const auto weights = torch::linspace(-1, 1, output.y.numel(), output.y.options());
  const auto loss = (output.y.flatten() * weights).sum() + output.last[0].square().sum();
  return {output.y, output.last, torch::autograd::grad({loss}, {x, a, W})};
}

TEST(ChunkedLayersTest, ChunksChangeNeitherOutputsNorGradientsNorTheLastState) {
  for (const bool segmented : {false, true}) {
    const Outcome expected = RunSum({.recompute = false}, segmented);
    for (const int64_t tokens : {0, 1, 5, 7, 23, 100}) {
      const Outcome got = RunSum({.tokens_at_once = tokens}, segmented);
      EXPECT_LT((got.y - expected.y).abs().max().item<double>(), kExact);
      EXPECT_LT((got.last[0] - expected.last[0]).abs().max().item<double>(), kExact);
      EXPECT_TRUE(got.last[1].equal(expected.last[1]));
      for (size_t i = 0; i < 3; ++i) {
        EXPECT_LT((got.gradients[i] - expected.gradients[i]).abs().max().item<double>(), kExact)
            << tokens << " tokens at once, gradient " << i;
      }
    }
  }
}

TEST(ChunkedLayersTest, EightBitInputsCostLittleGradient) {
  const Outcome expected = RunSum({.recompute = false}, false);
  const Outcome got = RunSum({.kept = {.type = KeptType::kInt8}, .tokens_at_once = 5}, false);
  EXPECT_TRUE(got.y.equal(expected.y) || (got.y - expected.y).abs().max().item<double>() < kExact);
  for (size_t i = 0; i < 3; ++i) {
    const double error =
        ((got.gradients[i] - expected.gradients[i]).norm() / expected.gradients[i].norm())
            .item<double>();
    EXPECT_LT(error, 0.05) << i;  // measured: below 0.02
    EXPECT_GT(error, 0) << i;     // it did wait in 8 bits
  }
}

TEST(ChunkedLayersTest, BackwardRunsOnce) {
  const auto a = torch::rand({5}, torch::kFloat64).requires_grad_();
  const auto W = torch::randn({5, 5}, torch::kFloat64).requires_grad_();
  const auto x = torch::randn({2, 6, 5}, torch::kFloat64);
  const auto y = RunInChunks(LeakySum(a, W, 2), x, {}, {.tokens_at_once = 3}).y.sum();
  y.backward({}, /*keep_graph=*/true);
  EXPECT_THROW(y.backward(), c10::Error);
}

/// The twin keeps everything and runs at once.
Outcome RunLayers(const std::vector<int64_t>& spans, const ChunkedOptions& options,
                  const torch::Tensor& segments) {
  torch::manual_seed(5);
  std::vector<Layer> layers;
  ChunkedStack stack;
  for (const int64_t span : spans) {
    ModelOptions model{.observation_size = 1, .action_size = 1};
    model.attention = {.width = 12, .heads = 3, .span = span};
    model.feed_forward_width = 20;
    layers.emplace_back(Layer(model, PlanStack(model).layers.front()));
    layers.back()->to(torch::kFloat64);
    for (auto& parameter : layers.back()->parameters()) {
      const torch::NoGradGuard no_grad;
      parameter.normal_(0, 0.3);
      stack.parameters.push_back(parameter);
    }
    const LayerState start = layers.back()->StartState(2, torch::kFloat64);
    stack.start.insert(stack.start.end(), start.mixer.begin(), start.mixer.end());
    stack.grows.insert(stack.grows.end(), start.mixer.size(), span == 0);
  }
  stack.map = [layers](const torch::Tensor& x, StateTensors& flat, const Chunk& chunk) mutable {
    auto y = x;
    StateTensors next;
    HandedOn handed;
    for (size_t i = 0; i < layers.size(); ++i) {
      LayerState state{.mixer = StateTensors(flat.begin() + 3 * i, flat.begin() + 3 * i + 3)};
      y = layers[i]->forward(y, state, chunk, handed);
      next.insert(next.end(), state.mixer.begin(), state.mixer.end());
    }
    flat = next;
    return y;
  };
  const auto x = torch::randn({2, 23, 12}, torch::kFloat64).requires_grad_();
  const ChunkedOutput output = RunInChunks(stack, x, {.segments = segments}, options);
  const auto weights = torch::linspace(-1, 1, output.y.numel(), output.y.options());
  auto inputs = stack.parameters;
  inputs.push_back(x);
  return {output.y, {}, torch::autograd::grad({(output.y.flatten() * weights).sum()}, inputs)};
}

TEST(ChunkedLayersTest, AttentionHandsOnKeysAndValuesExactly) {
  const auto segments =
      torch::stack({torch::arange(23).floor_divide(7), torch::zeros({23}, torch::kInt64)});
  for (const torch::Tensor& cut : {torch::Tensor(), segments}) {
    const Outcome expected = RunLayers({0, 4, 0}, {.recompute = false}, cut);
    for (const int64_t tokens : {1, 5, 23}) {
      const Outcome got = RunLayers({0, 4, 0}, {.tokens_at_once = tokens}, cut);
      EXPECT_LT((got.y - expected.y).abs().max().item<double>(), kExact);
      for (size_t i = 0; i < got.gradients.size(); ++i) {
        EXPECT_LT((got.gradients[i] - expected.gradients[i]).abs().max().item<double>(), kExact)
            << tokens << " tokens at once, gradient " << i;
      }
    }
  }
}

}  // namespace
}  // namespace longplay
