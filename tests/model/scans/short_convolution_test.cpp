// SPDX-License-Identifier: MIT
#include "model/scans/short_convolution.h"

#include <gtest/gtest.h>
#include <torch/autograd.h>
#include <torch/nn/functional/conv.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <tuple>

namespace longplay {
namespace {

// Residuals measured below 1e-14 on numbers of size 1 to 10.
constexpr double kExact = 1e-12;

struct Problem {
  torch::Tensor x, window, starts, grad_y, grad_window;
  ConvolutionWeights weights;
  torch::autograd::variable_list Leaves() const {
    return {x, weights.weight, weights.bias, window};
  }
};

Problem RandomProblem(int64_t T, int64_t C, int64_t W, bool cut) {
  torch::manual_seed(T * 100 + C);
  const auto draw = [](at::IntArrayRef sizes) { return torch::randn(sizes, torch::kFloat64); };
  Problem problem{.x = draw({2, T, C}).requires_grad_(),
                  .window = draw({2, W - 1, C}).requires_grad_(),
                  .grad_y = draw({2, T, C}),
                  .grad_window = draw({2, W - 1, C}),
                  .weights = {draw({C, 1, W}).requires_grad_(), draw({C}).requires_grad_()}};
  if (cut) {
    problem.starts = torch::zeros({2, T}, torch::kBool);
    for (const int64_t t : {T / 2, T - 2, T - 1}) problem.starts.index_put_({1, t}, true);
  }
  return problem;
}

double LargestDifference(const torch::Tensor& a, const torch::Tensor& b) {
  return (a - b).abs().max().item<double>();
}

using Shape = std::tuple<int64_t, int64_t, int64_t, bool>;  // T, C, W, with starts
class ShortConvolutionShapeTest : public testing::TestWithParam<Shape> {};

TEST_P(ShortConvolutionShapeTest, LoopsEqualAtensOperators) {
  const auto [T, C, W, cut] = GetParam();
  const Problem problem = RandomProblem(T, C, W, cut);
  const Convolved got =
      ShortConvolution(problem.x, problem.weights, problem.window, problem.starts);
  const auto wanted = ConvolveAnywhere(problem.x, problem.weights, problem.window, problem.starts);
  EXPECT_LT(LargestDifference(got.y, wanted), kExact);
  const auto got_grads = torch::autograd::grad({got.y}, problem.Leaves(), {problem.grad_y});
  const auto wanted_grads = torch::autograd::grad({wanted}, problem.Leaves(), {problem.grad_y});
  for (size_t i = 0; i < got_grads.size(); ++i) {
    EXPECT_LT(LargestDifference(got_grads[i], wanted_grads[i]), kExact) << "gradient " << i;
  }
}

TEST_P(ShortConvolutionShapeTest, PartsWithTheWindowHandedOnEqualTheWhole) {
  const auto [T, C, W, cut] = GetParam();
  const Problem problem = RandomProblem(T, C, W, cut);
  const auto& [x, window, starts, grad_y, grad_window, weights] = problem;
  const Convolved whole = ShortConvolution(x, weights, window, starts);
  auto carried = window;
  std::vector<torch::Tensor> y;
  for (int64_t t = 0; t < T;) {
    const int64_t n = std::min(T - t, 1 + t % 3);
    const auto part = ShortConvolution(x.narrow(1, t, n), weights, carried,
                                       cut ? starts.narrow(1, t, n) : torch::Tensor());
    y.push_back(part.y);
    carried = part.window;
    t += n;
  }
  const Convolved parts{torch::cat(y, 1), carried};
  EXPECT_LT(LargestDifference(parts.y, whole.y), kExact);
  EXPECT_LT(LargestDifference(parts.window, whole.window), kExact);
  const auto gradients = [&](const Convolved& of) {
    return torch::autograd::grad({of.y, of.window}, problem.Leaves(), {grad_y, grad_window});
  };
  const auto got = gradients(parts), wanted = gradients(whole);
  for (size_t i = 0; i < got.size(); ++i) {
    EXPECT_LT(LargestDifference(got[i], wanted[i]), kExact) << "gradient " << i;
  }
}

INSTANTIATE_TEST_SUITE_P(LengthsChannelsAndSizes, ShortConvolutionShapeTest,
                         testing::Values(Shape{2, 3, 4, false}, Shape{5, 4, 4, true},
                                         Shape{70, 9, 4, true}, Shape{140, 40, 3, false},
                                         Shape{64, 70, 2, true}, Shape{20, 8, 6, true}));

TEST(ShortConvolutionTest, EqualsTorchsDepthwiseConvolution) {
  const Problem problem = RandomProblem(30, 6, 4, false);
  const torch::NoGradGuard no_grad;
  const auto zeros = torch::zeros_like(problem.window);
  const auto got = ShortConvolution(problem.x, problem.weights, zeros, {}).y;
  namespace functional = torch::nn::functional;
  const auto options =
      functional::Conv1dFuncOptions().bias(problem.weights.bias).padding(3).groups(6);
  const auto wanted =
      functional::conv1d(problem.x.transpose(1, 2), problem.weights.weight, options);
  EXPECT_LT(LargestDifference(got, torch::silu(wanted.narrow(2, 0, 30).transpose(1, 2))), kExact);
}

TEST(ShortConvolutionTest, ReadsAViewOfWiderRowsInPlace) {
  const Problem problem = RandomProblem(30, 6, 4, true);
  const auto wide = torch::cat({problem.x, problem.x + 1}, 2);  // [B, T, 2 C]
  const auto got =
      ShortConvolution(wide.narrow(2, 0, 6), problem.weights, problem.window, problem.starts);
  const auto wanted = ShortConvolution(problem.x, problem.weights, problem.window, problem.starts);
  EXPECT_TRUE(torch::equal(got.y, wanted.y));
  EXPECT_FALSE(got.window.is_alias_of(wide));
}

}  // namespace
}  // namespace longplay
