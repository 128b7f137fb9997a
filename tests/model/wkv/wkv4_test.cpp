// SPDX-License-Identifier: MIT
#include "model/wkv/wkv4.h"

#include <gtest/gtest.h>
#include <torch/autograd.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>
#include <vector>

#include "model/wkv/reference_wkv4.h"

namespace longplay {
namespace {

// Residuals measured below 1e-13 on outputs and gradients of size 1 to 100.
constexpr double kExact = 1e-10;

struct Case {
  Wkv4Input input;
  Wkv4State state;
  torch::Tensor grad_y, grad_a, grad_b;
};

/// Inputs as a fresh layer has them, and a state that holds something.
Case RandomCase(int64_t T, torch::ScalarType type = torch::kFloat64, bool starts = false) {
  torch::manual_seed(T);
  const int64_t B = 2, D = 70;  // more channels than one task of the kernel takes
  const auto like = torch::TensorOptions().dtype(type);
  const auto draw = [&](at::IntArrayRef sizes) { return torch::randn(sizes, like); };
  Case result{{.w = -torch::exp(torch::linspace(-5, 3, D, like)),
               .u = draw({D}),
               .k = draw({B, T, D}) * 3,
               .v = draw({B, T, D})},
              {draw({B, D}), torch::rand({B, D}, like) + 0.5, draw({B, D})},
              draw({B, T, D}),
              draw({B, D}),
              draw({B, D})};
  if (starts) result.input.starts = torch::rand({B, T}) < 0.1;
  for (auto* x : {&result.input.w, &result.input.u, &result.input.k, &result.input.v,
                  &result.state.a, &result.state.b}) {
    x->requires_grad_();
  }
  return result;
}

/// y, the last state, and the gradients of everything that has one.
template <typename Function>
std::vector<torch::Tensor> OutputsAndGradients(const Case& of, const Function& wkv) {
  const Wkv4Output out = wkv(of.input, of.state);
  std::vector<torch::Tensor> result{out.y, out.last.a, out.last.b, out.last.p};
  const auto grads = torch::autograd::grad(
      {out.y, out.last.a, out.last.b},
      {of.input.w, of.input.u, of.input.k, of.input.v, of.state.a, of.state.b},
      {of.grad_y, of.grad_a, of.grad_b});
  result.insert(result.end(), grads.begin(), grads.end());
  return result;
}

/// Largest difference, relative to the largest number of each tensor (at least 1).
double LargestDifference(const std::vector<torch::Tensor>& a, const std::vector<torch::Tensor>& b) {
  double largest = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    const double scale = std::max(1.0, b[i].abs().max().item<double>());
    largest =
        std::max(largest, (a[i].to(torch::kFloat64) - b[i]).abs().max().item<double>() / scale);
  }
  return largest;
}

class Wkv4LengthTest : public testing::TestWithParam<int64_t> {};

TEST_P(Wkv4LengthTest, KernelEqualsTheReference) {
  for (const bool starts : {false, true}) {
    const Case in = RandomCase(GetParam(), torch::kFloat64, starts);
    EXPECT_LT(
        LargestDifference(OutputsAndGradients(in, Wkv4), OutputsAndGradients(in, ReferenceWkv4)),
        kExact);
  }
}

TEST_P(Wkv4LengthTest, OperatorsEqualTheReference) {
  for (const bool starts : {false, true}) {
    const Case in = RandomCase(GetParam(), torch::kFloat64, starts);
    EXPECT_LT(LargestDifference(OutputsAndGradients(in, Wkv4OnAnyDevice),
                                OutputsAndGradients(in, ReferenceWkv4)),
              kExact);
  }
}

INSTANTIATE_TEST_SUITE_P(ChunksThatDivideAndDoNot, Wkv4LengthTest,
                         testing::Values(1, 2, 63, 64, 65, 150));

TEST(Wkv4Test, SinglePrecisionStaysClose) {
  const Case in = RandomCase(150, torch::kFloat32, /*starts=*/true);
  Case exact = in;
  for (auto* x : {&exact.input.w, &exact.input.u, &exact.input.k, &exact.input.v, &exact.state.a,
                  &exact.state.b, &exact.state.p, &exact.grad_y, &exact.grad_a, &exact.grad_b}) {
    *x = x->detach().to(torch::kFloat64).requires_grad_();
  }
  const auto wanted = OutputsAndGradients(exact, ReferenceWkv4);
  // Residuals measured: 7e-7 and 6e-7.
  EXPECT_LT(LargestDifference(OutputsAndGradients(in, Wkv4), wanted), 7e-6);
  EXPECT_LT(LargestDifference(OutputsAndGradients(in, Wkv4OnAnyDevice), wanted), 7e-6);
}

TEST(Wkv4Test, PartsWithTheStateHandedOnEqualTheWhole) {
  const Case in = RandomCase(100);
  const auto in_parts = [](const Wkv4Input& whole, const Wkv4State& state) {
    Wkv4Output out{{}, state};
    std::vector<torch::Tensor> y;
    for (int64_t first = 0; first < 100; first += 30) {
      const int64_t n = std::min<int64_t>(30, 100 - first);
      Wkv4Input part = whole;
      part.k = whole.k.narrow(1, first, n);
      part.v = whole.v.narrow(1, first, n);
      out = Wkv4(part, out.last);
      y.push_back(out.y);
    }
    return Wkv4Output{torch::cat(y, 1), out.last};
  };
  EXPECT_LT(LargestDifference(OutputsAndGradients(in, in_parts), OutputsAndGradients(in, Wkv4)),
            kExact);
}

TEST(Wkv4Test, TheFirstTokenAfterNothingIsItsOwnValue) {
  const Case in = RandomCase(1);
  const auto y = Wkv4(in.input, StartWkv4(2, 70, torch::kFloat64)).y;
  EXPECT_LT((y - in.input.v).abs().max().item<double>(), 1e-15);  // one rounding
}

TEST(Wkv4Test, LargeKeysDoNotOverflow) {
  Case in = RandomCase(150, torch::kFloat32);
  in.input.k = (in.input.k.detach() * 1000).requires_grad_();
  for (const auto& x : OutputsAndGradients(in, Wkv4)) {
    EXPECT_TRUE(x.isfinite().all().item<bool>());
  }
}

TEST(Wkv4Test, NothingBeforeAStartIsSeen) {
  Case in = RandomCase(20);
  in.input.starts = torch::zeros({2, 20}, torch::kBool);
  in.input.starts.select(1, 12).fill_(true);
  const auto y = Wkv4(in.input, in.state).y.narrow(1, 12, 8);
  const auto grads = torch::autograd::grad({y.sum()}, {in.input.k, in.state.a});
  EXPECT_EQ(grads[0].narrow(1, 0, 12).abs().max().item<double>(), 0);
  EXPECT_EQ(grads[1].abs().max().item<double>(), 0);
}

TEST(Wkv4Test, WrongShapesAreNamed) {
  Case in = RandomCase(4);
  in.input.w = in.input.w.narrow(0, 0, 3);
  EXPECT_THROW(Wkv4(in.input, in.state), c10::Error);
}

}  // namespace
}  // namespace longplay
