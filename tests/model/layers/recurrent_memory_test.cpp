// SPDX-License-Identifier: MIT
#include "model/layers/recurrent_memory.h"

#include <gtest/gtest.h>
#include <torch/autograd.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>
#include <vector>

#include "model/layers/layer_stack.h"

namespace longplay {
namespace {

constexpr double kExact = 1e-10;  // residuals measured below 1e-13 on gradients of size up to 40

ModelOptions SmallOptions(MixerKind mixer, int64_t unrolled = 0) {
  ModelOptions options{.observation_size = 1, .action_size = 1, .mixer = mixer, .layers = 2};
  options.attention = {.width = 12, .heads = 3};
  options.feed_forward_width = 20;
  options.memory = {.tokens = 2, .segment = 5, .unrolled = unrolled};
  options.keep = Keep::kLayerInputs;
  return options;
}

LayerStack MakeStack(const ModelOptions& options) {
  torch::manual_seed(1);
  LayerStack stack(options);
  const torch::NoGradGuard no_grad;
  for (auto& parameter : stack->parameters()) parameter.normal_(0, 0.4);
  stack->to(torch::kFloat64);
  return stack;
}

/// The specification: segment after segment through layers that materialise their scores.
torch::Tensor Twin(LayerStack& stack, const torch::Tensor& x) {
  LayerStack layers(SmallOptions(MixerKind::kReferenceAttention));
  layers->to(torch::kFloat64);
  auto own = stack->named_parameters();
  for (const auto& name : layers->named_parameters().keys()) {
    // The same tensors, so that gradients meet.
    torch::nn::Module* module = layers.get();
    std::string rest = name;
    for (size_t dot; (dot = rest.find('.')) != std::string::npos; rest = rest.substr(dot + 1)) {
      module = module->named_children()[rest.substr(0, dot)].get();
    }
    module->named_parameters(/*recurse=*/false)[rest].set_data(own[name].detach());
  }
  const auto initial = own["memory.memory"].expand({x.size(0), -1, -1});
  auto memory = initial;
  std::vector<torch::Tensor> rows;
  for (int64_t first = 0; first < x.size(1); first += 5) {
    const int64_t n = std::min<int64_t>(5, x.size(1) - first);
    const auto y = layers->forward(torch::cat({memory, x.narrow(1, first, n), memory}, 1));
    rows.push_back(y.narrow(1, 2, n));
    memory = torch::layer_norm(y.narrow(1, 2 + n, 2), {12}, own["memory.memory_norm.weight"],
                               own["memory.memory_norm.bias"]);
  }
  return torch::cat(rows, 1);
}

torch::Tensor RandomInput(int64_t T) {
  torch::manual_seed(T);
  return torch::randn({2, T, 12}, torch::kFloat64);
}

TEST(RecurrentMemoryTest, SegmentsEqualTheTwin) {
  auto stack = MakeStack(SmallOptions(MixerKind::kRecurrentMemory));
  for (const int64_t T : {1, 5, 12, 23}) {
    const auto x = RandomInput(T);
    const torch::NoGradGuard no_grad;
    EXPECT_LT((stack->forward(x) - Twin(stack, x)).abs().max().item<double>(), kExact) << T;
  }
}

/// Gradients of x and all parameters, of a loss on all tokens or on the last one.
std::vector<torch::Tensor> Gradients(const ModelOptions& options, const torch::Tensor& x,
                                     bool last_alone) {
  auto stack = MakeStack(options);
  const auto input = x.clone().requires_grad_();
  auto inputs = stack->parameters();
  inputs.insert(inputs.begin(), input);
  const auto y = stack->forward(input);
  const auto read = last_alone ? y.narrow(1, y.size(1) - 1, 1) : y;
  const auto weights = torch::linspace(-1, 1, read.numel(), read.options()).view_as(read);
  auto gradients = torch::autograd::grad({(read * weights).sum()}, inputs, {}, {}, false,
                                         /*allow_unused=*/true);
  for (size_t i = 0; i < inputs.size(); ++i) {  // a memory that nobody reads passes nothing
    if (!gradients[i].defined()) gradients[i] = torch::zeros_like(inputs[i]);
  }
  return gradients;
}

TEST(RecurrentMemoryTest, RecomputedGradientsEqualAutogradsThroughAllSegments) {
  for (const int64_t unrolled : {0, 1, 2}) {
    ModelOptions options = SmallOptions(MixerKind::kRecurrentMemory, unrolled);
    const auto got = Gradients(options, RandomInput(23), false);
    options.keep = Keep::kEverything;
    const auto expected = Gradients(options, RandomInput(23), false);
    for (size_t i = 0; i < got.size(); ++i) {
      EXPECT_LT((got[i] - expected[i]).abs().max().item<double>(), kExact) << i;
    }
  }
}

TEST(RecurrentMemoryTest, TruncationReallyTruncates) {
  const auto reach = [](int64_t unrolled) {  // per token of 23: does the last one's loss reach it?
    const auto grad_x =
        Gradients(SmallOptions(MixerKind::kRecurrentMemory, unrolled), RandomInput(23), true)[0];
    return grad_x.abs().sum(torch::IntArrayRef{0, 2}) > 0;  // [T]
  };
  EXPECT_TRUE(reach(0).all().item<bool>());
  // The last segment is number 4, from token 20; groups of two begin at 0, 2, 4.
  EXPECT_FALSE(reach(1).narrow(0, 0, 20).any().item<bool>());
  EXPECT_FALSE(reach(2).narrow(0, 0, 20).any().item<bool>());
  EXPECT_TRUE(reach(3).narrow(0, 15, 8).all().item<bool>());
  EXPECT_FALSE(reach(3).narrow(0, 0, 15).any().item<bool>());
}

TEST(RecurrentMemoryTest, AStartBeginsAsASequenceDoes) {
  auto stack = MakeStack(SmallOptions(MixerKind::kRecurrentMemory));
  const torch::NoGradGuard no_grad;
  const auto x = RandomInput(23);
  const auto segments = torch::stack({torch::arange(23) >= 12, torch::arange(23) >= 7})
                            .to(torch::kInt64);  // each sequence has a start of its own
  const auto y = stack->forward(x, segments);
  const auto expect = [&](int64_t row, int64_t start) {
    const auto own = x.narrow(0, row, 1);
    const auto parts = torch::cat(
        {stack->forward(own.narrow(1, 0, start)), stack->forward(own.narrow(1, start, 23 - start))},
        1);
    EXPECT_LT((y.narrow(0, row, 1) - parts).abs().max().item<double>(), kExact);
  };
  expect(0, 12);
  expect(1, 7);
  EXPECT_GT((y - stack->forward(x)).abs().max().item<double>(), 1e-6);
}

}  // namespace
}  // namespace longplay
