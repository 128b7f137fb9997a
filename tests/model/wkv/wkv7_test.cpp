// SPDX-License-Identifier: MIT
#include "model/wkv/wkv7.h"

#include <gtest/gtest.h>
#include <torch/autograd.h>
#include <torch/nn/functional/normalization.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>
#include <vector>

#include "model/wkv/reference_wkv7.h"

namespace longplay {
namespace {

// Residuals measured below 1e-13.
constexpr double kExact = 1e-10;

struct Case {
  std::vector<torch::Tensor> tensors;  // r, w, k, v, a, b, state
  torch::Tensor starts;
  torch::Tensor grad_y, grad_last;

  Wkv7Input input() const {
    return {tensors[0], tensors[1], tensors[2], tensors[3], tensors[4], tensors[5], starts};
  }
};

/// Inputs in the ranges that a layer gives, and a state that holds something.
Case RandomCase(int64_t T, int64_t K, torch::ScalarType type = torch::kFloat64,
                bool starts = false) {
  torch::manual_seed(T);
  const int64_t B = 2, H = 2;
  const auto like = torch::TensorOptions().dtype(type);
  const auto draw = [&] { return torch::randn({B, T, H, K}, like); };
  const auto kappa = torch::nn::functional::normalize(
      draw(), torch::nn::functional::NormalizeFuncOptions().dim(-1));
  Case result{{draw(), torch::exp(-0.6065 * torch::sigmoid(draw())), draw(), draw(), -kappa,
               kappa * torch::sigmoid(draw()), torch::randn({B, H, K, K}, like)},
              {},
              draw(),
              torch::randn({B, H, K, K}, like)};
  if (starts) result.starts = torch::rand({B, T}) < 0.1;
  for (auto& x : result.tensors) x = x.detach().requires_grad_();
  return result;
}

/// y, the last state, and the gradients of everything.
template <typename Function>
std::vector<torch::Tensor> OutputsAndGradients(const Case& of, const Function& wkv) {
  const Wkv7Output out = wkv(of.input(), of.tensors[6]);
  std::vector<torch::Tensor> result{out.y, out.last};
  const auto grads =
      torch::autograd::grad({out.y, out.last}, of.tensors, {of.grad_y, of.grad_last});
  result.insert(result.end(), grads.begin(), grads.end());
  return result;
}

/// Largest difference, relative to the largest number of each tensor.
double LargestDifference(const std::vector<torch::Tensor>& a, const std::vector<torch::Tensor>& b) {
  double largest = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    const double scale = b[i].abs().max().item<double>();
    largest =
        std::max(largest, (a[i].to(torch::kFloat64) - b[i]).abs().max().item<double>() / scale);
  }
  return largest;
}

class Wkv7LengthTest : public testing::TestWithParam<int64_t> {};

TEST_P(Wkv7LengthTest, KernelEqualsTheReference) {
  for (const int64_t K : {8, 24}) {  // rows in blocks that are full, and not
    for (const bool starts : {false, true}) {
      const Case in = RandomCase(GetParam(), K, torch::kFloat64, starts);
      EXPECT_LT(
          LargestDifference(OutputsAndGradients(in, Wkv7), OutputsAndGradients(in, ReferenceWkv7)),
          kExact);
    }
  }
}

TEST_P(Wkv7LengthTest, OperatorsEqualTheReference) {
  for (const bool starts : {false, true}) {
    const Case in = RandomCase(GetParam(), 8, torch::kFloat64, starts);
    EXPECT_LT(LargestDifference(OutputsAndGradients(in, Wkv7OnAnyDevice),
                                OutputsAndGradients(in, ReferenceWkv7)),
              kExact);
  }
}

INSTANTIATE_TEST_SUITE_P(ChunksThatDivideAndDoNot, Wkv7LengthTest,
                         testing::Values(1, 2, 15, 16, 17, 32, 75));

TEST(Wkv7Test, SinglePrecisionStaysClose) {
  const Case in = RandomCase(100, 64, torch::kFloat32, /*starts=*/true);
  Case exact = in;
  for (auto& x : exact.tensors) x = x.detach().to(torch::kFloat64).requires_grad_();
  exact.grad_y = in.grad_y.to(torch::kFloat64);
  exact.grad_last = in.grad_last.to(torch::kFloat64);
  const auto wanted = OutputsAndGradients(exact, ReferenceWkv7);
  EXPECT_LT(LargestDifference(OutputsAndGradients(in, Wkv7), wanted), 1e-5);
  EXPECT_LT(LargestDifference(OutputsAndGradients(in, Wkv7OnAnyDevice), wanted), 1e-5);
}

TEST(Wkv7Test, PartsWithTheStateHandedOnEqualTheWhole) {
  const Case in = RandomCase(70, 16);
  const auto in_parts = [](const Wkv7Input& whole, const torch::Tensor& state) {
    Wkv7Output out{{}, state};
    std::vector<torch::Tensor> y;
    for (int64_t first = 0; first < 70; first += 20) {
      const auto part = [&](const torch::Tensor& x) {
        return x.narrow(1, first, std::min<int64_t>(20, 70 - first));
      };
      out = Wkv7({part(whole.r), part(whole.w), part(whole.k), part(whole.v), part(whole.a),
                  part(whole.b)},
                 out.last);
      y.push_back(out.y);
    }
    return Wkv7Output{torch::cat(y, 1), out.last};
  };
  EXPECT_LT(LargestDifference(OutputsAndGradients(in, in_parts), OutputsAndGradients(in, Wkv7)),
            kExact);
}

TEST(Wkv7Test, AKeyWrittenTwiceReadsTheLastValue) {
  // Rate 1 and no decay: the delta rule replaces what the state holds for the key.
  const auto key = torch::zeros({1, 2, 1, 8}, torch::kFloat64);
  key.select(3, 0).fill_(1);
  const auto values = torch::randn_like(key);
  const auto out = Wkv7({key, torch::ones_like(key), key, values, -key, key},
                        torch::zeros({1, 1, 8, 8}, torch::kFloat64));
  EXPECT_LT((out.y - values).abs().max().item<double>(), 1e-15);
}

TEST(Wkv7Test, NothingBeforeAStartIsSeen) {
  Case in = RandomCase(20, 8);
  in.starts = torch::zeros({2, 20}, torch::kBool);
  in.starts.select(1, 12).fill_(true);
  const auto y = Wkv7(in.input(), in.tensors[6]).y.narrow(1, 12, 8);
  const auto grads = torch::autograd::grad({y.sum()}, {in.tensors[2], in.tensors[6]});
  EXPECT_EQ(grads[0].narrow(1, 0, 12).abs().max().item<double>(), 0);
  EXPECT_EQ(grads[1].abs().max().item<double>(), 0);
}

TEST(Wkv7Test, WrongShapesAreNamed) {
  Case in = RandomCase(4, 8);
  in.tensors[1] = in.tensors[1].narrow(1, 0, 3);
  EXPECT_THROW(Wkv7(in.input(), in.tensors[6]), c10::Error);
}

}  // namespace
}  // namespace longplay
