// SPDX-License-Identifier: MIT
#include "model/rows/gated_norm.h"

#include <gtest/gtest.h>
#include <torch/autograd.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <tuple>

namespace longplay {
namespace {

// Residuals measured below 1e-14 on numbers of size 1 to 10.
constexpr double kExact = 1e-12;

double LargestDifference(const torch::Tensor& a, const torch::Tensor& b) {
  return (a - b).abs().max().item<double>();
}

using Shape = std::tuple<int64_t, int64_t, int64_t, bool>;  // T, E, groups, with a gate
class GatedNormShapeTest : public testing::TestWithParam<Shape> {};

TEST_P(GatedNormShapeTest, LoopsEqualAtensOperators) {
  const auto [T, E, groups, gated] = GetParam();
  torch::manual_seed(T * 100 + E);
  const auto all = torch::randn({2, T, 2 * E + 3}, torch::kFloat64).requires_grad_();
  const auto weight = torch::randn({E}, torch::kFloat64).requires_grad_();
  const auto grad = torch::randn({2, T, E}, torch::kFloat64);
  const auto y = all.narrow(2, 1, E);  // a view, as mixers pass it
  const auto z = gated ? all.narrow(2, E + 2, E) : torch::Tensor();
  const GatedNormOptions options{.groups = groups, .epsilon = 1e-3};
  const auto got = GatedNorm(y, z, weight, options);
  const auto wanted = GatedNormAnywhere(y, z, weight, options);
  EXPECT_LT(LargestDifference(got, wanted), kExact);
  const auto got_grads = torch::autograd::grad({got}, {all, weight}, {grad});
  const auto wanted_grads = torch::autograd::grad({wanted}, {all, weight}, {grad});
  EXPECT_LT(LargestDifference(got_grads[0], wanted_grads[0]), kExact);
  EXPECT_LT(LargestDifference(got_grads[1], wanted_grads[1]), kExact);
}

INSTANTIATE_TEST_SUITE_P(Shapes, GatedNormShapeTest,
                         testing::Values(Shape{1, 1, 1, true}, Shape{3, 6, 2, true},
                                         Shape{70, 16, 1, false}, Shape{150, 26, 2, true},
                                         Shape{65, 7, 7, false}));

TEST(GatedNormTest, NarrowTypesAreNormedInFloat32) {
  torch::manual_seed(1);
  const auto y = torch::randn({5, 32}), z = torch::randn({5, 32}), weight = torch::rand({32});
  const auto narrow = [](const torch::Tensor& x) { return x.to(torch::kBFloat16); };
  const auto got = GatedNorm(narrow(y), narrow(z), weight, {});
  EXPECT_EQ(got.scalar_type(), torch::kBFloat16);
  const auto wanted =
      GatedNorm(narrow(y).to(torch::kFloat32), narrow(z).to(torch::kFloat32), weight, {});
  EXPECT_TRUE(torch::equal(got, narrow(wanted)));
}

TEST(GatedNormTest, WrongShapesAreNamed) {
  const auto y = torch::randn({5, 32});
  EXPECT_THROW(GatedNorm(y, {}, torch::rand({16}), {}), c10::Error);
  EXPECT_THROW(GatedNorm(y, torch::randn({4, 32}), torch::rand({32}), {}), c10::Error);
  EXPECT_THROW(GatedNorm(y, {}, torch::rand({32}), {.groups = 3}), c10::Error);
}

}  // namespace
}  // namespace longplay
