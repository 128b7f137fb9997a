// SPDX-License-Identifier: MIT
#include "model/scans/state_space_dual.h"

#include <gtest/gtest.h>
#include <torch/autograd.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <limits>
#include <string>
#include <tuple>

#include "model/scans/decayed_scores.h"
#include "model/scans/reference_state_space_dual.h"

namespace longplay {
namespace {

// Residuals measured below 3e-13 on outputs and gradients of size 1 to 100.
constexpr double kExact = 1e-11;

struct Problem {
  DualInputs in;
  torch::Tensor state, grad_y, grad_state;
  torch::autograd::variable_list Leaves() const {
    return {in.x, in.delta, in.a, in.b, in.c, in.d, state};
  }
};

/// H = 4, K = 3, S = 5. `cut`: some tokens see nothing before them, neighbours and the last too.
Problem RandomProblem(int64_t T, int64_t G, bool cut, torch::ScalarType type = torch::kFloat64) {
  torch::manual_seed(T * 100 + G);
  const auto draw = [&](at::IntArrayRef sizes) { return torch::randn(sizes, type); };
  const auto leaf = [](const torch::Tensor& x) { return x.detach().requires_grad_(); };
  Problem problem{{leaf(draw({2, T, 4, 3})), leaf(draw({2, T, 4}).abs()), leaf(-draw({4}).exp()),
                   leaf(draw({2, T, G, 5})), leaf(draw({2, T, G, 5})), leaf(draw({4}))},
                  leaf(draw({2, 4, 3, 5})),
                  draw({2, T, 4, 3}),
                  draw({2, 4, 3, 5})};
  if (cut) {
    problem.in.starts = torch::zeros({2, T}, torch::kBool);
    for (const int64_t t : {T / 3, T / 3 + 1, T - 1}) problem.in.starts.index_put_({0, t}, true);
  }
  return problem;
}

double LargestDifference(const torch::Tensor& a, const torch::Tensor& b) {
  return (a - b).abs().max().item<double>();
}

void ExpectNear(const DualResult& got, const DualResult& wanted, const Problem& problem) {
  EXPECT_LT(LargestDifference(got.y, wanted.y), kExact);
  EXPECT_LT(LargestDifference(got.state, wanted.state), kExact);
  const auto gradients = [&](const DualResult& of) {
    return torch::autograd::grad({of.y, of.state}, problem.Leaves(),
                                 {problem.grad_y, problem.grad_state});
  };
  const auto got_grads = gradients(got), wanted_grads = gradients(wanted);
  for (size_t i = 0; i < got_grads.size(); ++i) {
    EXPECT_LT(LargestDifference(got_grads[i], wanted_grads[i]), kExact) << "gradient " << i;
  }
}

using Shape = std::tuple<int64_t, int64_t, int64_t, bool>;  // T, chunk, G, with starts
class StateSpaceDualShapeTest : public testing::TestWithParam<Shape> {};

TEST_P(StateSpaceDualShapeTest, OutputsAndGradientsEqualTheReference) {
  const auto [T, chunk, G, cut] = GetParam();
  const Problem problem = RandomProblem(T, G, cut);
  ExpectNear(StateSpaceDual(problem.in, problem.state, chunk),
             ReferenceStateSpaceDual(problem.in, problem.state), problem);
}

INSTANTIATE_TEST_SUITE_P(LengthsChunksAndGroups, StateSpaceDualShapeTest,
                         testing::Values(Shape{1, 8, 1, false}, Shape{7, 8, 2, false},
                                         Shape{24, 8, 1, true}, Shape{21, 8, 2, true},
                                         Shape{24, 1, 4, true}, Shape{40, 13, 1, false},
                                         Shape{40, 40, 2, true}, Shape{40, 64, 1, true}));

TEST(StateSpaceDualTest, PartsWithTheStateHandedOnEqualTheWhole) {
  const Problem problem = RandomProblem(50, 2, true);
  const auto inputs = [&](int64_t first, int64_t n) {
    const auto part = [&](const torch::Tensor& of) { return of.narrow(1, first, n); };
    const DualInputs& in = problem.in;
    return DualInputs{part(in.x), part(in.delta), in.a,           part(in.b),
                      part(in.c), in.d,           part(in.starts)};
  };
  const DualResult one = StateSpaceDual(inputs(0, 19), problem.state, 8);
  const DualResult two = StateSpaceDual(inputs(19, 31), one.state, 8);
  ExpectNear({torch::cat({one.y, two.y}, 1), two.state},
             StateSpaceDual(problem.in, problem.state, 8), problem);
}

TEST(StateSpaceDualTest, ComputesNarrowInputsInFloat32) {
  const Problem problem = RandomProblem(20, 1, false, torch::kFloat32);
  DualInputs narrow = problem.in;
  narrow.x = problem.in.x.to(torch::kBFloat16);
  const DualResult got = StateSpaceDual(narrow, problem.state, 8);
  EXPECT_EQ(got.y.scalar_type(), torch::kBFloat16);
  EXPECT_EQ(got.state.scalar_type(), torch::kFloat32);
}

TEST(StateSpaceDualTest, StrongDecayInFloat32StaysAccurate) {
  // Differences of sums from a chunk's start would lose 1e-3 here: the sums reach 3,000.
  Problem exact = RandomProblem(64, 1, false);
  const torch::NoGradGuard no_grad;
  exact.in.delta.mul_(50);
  const auto narrow = [](const torch::Tensor& x) { return x.to(torch::kFloat32); };
  const DualInputs& in = exact.in;
  const DualResult wanted = ReferenceStateSpaceDual(in, exact.state);
  const DualResult got = StateSpaceDual(
      {narrow(in.x), narrow(in.delta), narrow(in.a), narrow(in.b), narrow(in.c), narrow(in.d)},
      narrow(exact.state), 64);
  const auto size = wanted.y.abs().max().item<double>();
  EXPECT_LT(LargestDifference(got.y, wanted.y) / size, 1e-6);  // 1e-7 measured
}

class DecaysTest : public testing::TestWithParam<bool> {};

TEST_P(DecaysTest, LoopsEqualAtensOperators) {
  torch::manual_seed(1);
  for (const int64_t Q : {1, 3, 4, 9, 64}) {
    ChunkDecay chunk{-torch::rand({3, Q}, torch::kFloat64)};
    if (GetParam()) chunk.starts = torch::rand({3, Q}) < 0.2;
    EXPECT_LT(LargestDifference(Decays(chunk), DecaysAnywhere(chunk)), 1e-14) << Q;
    const auto grad = torch::randn({3, Q, Q}, torch::kFloat64);
    auto got = torch::ones({3, Q}, torch::kFloat64), wanted = got.clone();
    AddStepGradients(grad, got);
    AddStepGradientsAnywhere(grad, wanted);
    EXPECT_LT(LargestDifference(got, wanted), 1e-11) << Q;  // sums of 1,000 numbers
  }
}

INSTANTIATE_TEST_SUITE_P(WithoutAndWithStarts, DecaysTest, testing::Bool());

TEST(StateSpaceDualTest, ShapesThatDisagreeAreNamed) {
  Problem problem = RandomProblem(8, 2, false);
  problem.in.c = torch::zeros({2, 7, 2, 5}, torch::kFloat64);
  try {
    StateSpaceDual(problem.in, problem.state, 8);
    FAIL() << "expected an error";
  } catch (const c10::Error& error) {
    EXPECT_NE(std::string(error.what()).find("c: expected [2, 8, 2, 5], got [2, 7, 2, 5]"),
              std::string::npos)
        << error.what();
  }
}

}  // namespace
}  // namespace longplay
