// SPDX-License-Identifier: MIT
#include "model/scans/selective_scan.h"

#include <gtest/gtest.h>
#include <torch/autograd.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <string>
#include <tuple>
#include <vector>

#include "model/scans/reference_selective_scan.h"
#include "model/scans/selective_scan_chunks.h"
#include "model/scans/selective_scan_loops.h"

namespace longplay {
namespace {

// Residuals measured below 2e-13 on outputs and gradients of size 1 to 100.
constexpr double kExact = 1e-11;

struct Problem {
  ScanInputs in;
  torch::Tensor state, grad_y, grad_state;
  torch::autograd::variable_list Leaves() const {
    return {in.x, in.delta, in.a, in.b, in.c, in.d, state};
  }
};

/// `cut`: some tokens see nothing before them, among them two neighbours and the last one.
Problem RandomProblem(int64_t T, int64_t E, bool cut, torch::ScalarType type = torch::kFloat64) {
  torch::manual_seed(T * 100 + E);
  const auto like = torch::TensorOptions().dtype(type);
  const auto draw = [&](at::IntArrayRef sizes) { return torch::randn(sizes, like); };
  const auto leaf = [](const torch::Tensor& x) { return x.detach().requires_grad_(); };
  Problem problem{{leaf(draw({2, T, E})), leaf(draw({2, T, E}).abs()), leaf(-draw({E, 5}).exp()),
                   leaf(draw({2, T, 5})), leaf(draw({2, T, 5})), leaf(draw({E}))},
                  leaf(draw({2, E, 5})),
                  draw({2, T, E}),
                  draw({2, E, 5})};
  if (cut) {
    problem.in.starts = torch::zeros({2, T}, torch::kBool);
    for (const int64_t t : {T / 3, T / 3 + 1, T - 1}) problem.in.starts.index_put_({0, t}, true);
  }
  return problem;
}

double LargestDifference(const torch::Tensor& a, const torch::Tensor& b) {
  return (a - b).abs().max().item<double>();
}

void ExpectNear(const Scanned& got, const Scanned& wanted,
                const torch::autograd::variable_list& got_grads,
                const torch::autograd::variable_list& wanted_grads, double tolerance) {
  EXPECT_LT(LargestDifference(got.y, wanted.y), tolerance);
  EXPECT_LT(LargestDifference(got.state, wanted.state), tolerance);
  ASSERT_EQ(got_grads.size(), wanted_grads.size());
  for (size_t i = 0; i < got_grads.size(); ++i) {
    EXPECT_LT(LargestDifference(got_grads[i], wanted_grads[i]), tolerance) << "gradient " << i;
  }
}

torch::autograd::variable_list Gradients(const Scanned& of, const Problem& problem) {
  return torch::autograd::grad({of.y, of.state}, problem.Leaves(),
                               {problem.grad_y, problem.grad_state});
}

// Lengths around what the loops keep (32) and the chunks' rows (16); channels around the lanes (4)
// and the groups (32).
using Shape = std::tuple<int64_t, int64_t, bool>;  // T, E, with starts
class SelectiveScanShapeTest : public testing::TestWithParam<Shape> {};

TEST_P(SelectiveScanShapeTest, OutputsAndGradientsEqualTheReference) {
  const auto [T, E, cut] = GetParam();
  const Problem problem = RandomProblem(T, E, cut);
  const Scanned wanted = ReferenceSelectiveScan(problem.in, problem.state);
  const Scanned got = SelectiveScan(problem.in, problem.state);
  ExpectNear(got, wanted, Gradients(got, problem), Gradients(wanted, problem), kExact);
}

TEST_P(SelectiveScanShapeTest, ChunksOnAnyDeviceEqualTheReference) {
  const auto [T, E, cut] = GetParam();
  const Problem problem = RandomProblem(T, E, cut);
  const Scanned wanted = ReferenceSelectiveScan(problem.in, problem.state);
  const torch::NoGradGuard no_grad;
  const KeptScan scan = ScanInChunks(problem.in, problem.state, /*keeps=*/true);
  const ScanGradients grads =
      ScanInChunksBackward(problem.in, scan.kept, problem.grad_y, problem.grad_state);
  ExpectNear({scan.y, scan.state}, wanted,
             {grads.x, grads.delta, grads.a, grads.b, grads.c, grads.d, grads.state},
             Gradients(wanted, problem), kExact);
}

INSTANTIATE_TEST_SUITE_P(LengthsAndChannels, SelectiveScanShapeTest,
                         testing::Values(Shape{1, 3, false}, Shape{31, 4, false},
                                         Shape{32, 5, true}, Shape{33, 8, true},
                                         Shape{100, 33, false}, Shape{100, 70, true}));

TEST(SelectiveScanTest, LongSequencesInSeveralChunksEqualTheReference) {
  const Problem problem = RandomProblem(2100, 4, true);
  const Scanned wanted = ReferenceSelectiveScan(problem.in, problem.state);
  const torch::NoGradGuard no_grad;
  const KeptScan scan = ScanInChunks(problem.in, problem.state, /*keeps=*/true);
  EXPECT_EQ(scan.kept.size(0), 2);
  const ScanGradients grads =
      ScanInChunksBackward(problem.in, scan.kept, problem.grad_y, problem.grad_state);
  ExpectNear({scan.y, scan.state}, wanted,
             {grads.x, grads.delta, grads.a, grads.b, grads.c, grads.d, grads.state},
             Gradients(wanted, problem), kExact);
}

TEST(SelectiveScanTest, PartsWithTheStateHandedOnEqualTheWhole) {
  const Problem problem = RandomProblem(50, 6, true);
  const auto part = [&](const torch::Tensor& of, int64_t first, int64_t n) {
    return of.narrow(1, first, n);
  };
  const auto inputs = [&](int64_t first, int64_t n) {
    const ScanInputs& in = problem.in;
    return ScanInputs{part(in.x, first, n),     part(in.delta, first, n), in.a,
                      part(in.b, first, n),     part(in.c, first, n),     in.d,
                      part(in.starts, first, n)};
  };
  const Scanned whole = SelectiveScan(problem.in, problem.state);
  const Scanned one = SelectiveScan(inputs(0, 19), problem.state);
  const Scanned two = SelectiveScan(inputs(19, 31), one.state);
  const Scanned parts{torch::cat({one.y, two.y}, 1), two.state};
  ExpectNear(parts, whole, Gradients(parts, problem), Gradients(whole, problem), kExact);
}

TEST(SelectiveScanTest, NothingBeforeAStartIsSeen) {
  Problem problem = RandomProblem(40, 8, false, torch::kFloat32);
  problem.in.starts = torch::zeros({2, 40}, torch::kBool);
  problem.in.starts.select(1, 20).fill_(true);
  const torch::NoGradGuard no_grad;
  problem.in.x.narrow(1, 0, 20).fill_(std::numeric_limits<float>::quiet_NaN());
  const Scanned got = SelectiveScan(problem.in, problem.state);
  EXPECT_TRUE(got.y.narrow(1, 20, 20).isfinite().all().item<bool>());
  EXPECT_TRUE(got.state.isfinite().all().item<bool>());
}

TEST(SelectiveScanTest, ComputesNarrowInputsInFloat32) {
  const Problem exact = RandomProblem(64, 8, false, torch::kFloat32);
  ScanInputs narrow = exact.in;
  narrow.x = exact.in.x.to(torch::kBFloat16);
  const Scanned got = SelectiveScan(narrow, exact.state);
  EXPECT_EQ(got.y.scalar_type(), torch::kBFloat16);
  EXPECT_EQ(got.state.scalar_type(), torch::kFloat32);
}

TEST(SelectiveScanTest, Float32IsCloseToFloat64) {
  const Problem exact = RandomProblem(500, 16, false);
  const auto narrow = [](const torch::Tensor& x) { return x.detach().to(torch::kFloat32); };
  const ScanInputs in = exact.in;
  const Scanned wanted = SelectiveScan(in, exact.state);
  const Scanned got = SelectiveScan(
      {narrow(in.x), narrow(in.delta), narrow(in.a), narrow(in.b), narrow(in.c), narrow(in.d)},
      narrow(exact.state));
  // 2e-6 measured on outputs up to 30.
  EXPECT_LT(LargestDifference(got.y, wanted.y), 2e-5);
}

TEST(SelectiveScanTest, TheSameNumbersForAnyNumberOfThreads) {
  const Problem problem = RandomProblem(64, 200, true, torch::kFloat32);
  const int before = torch::get_num_threads();
  torch::set_num_threads(1);
  const Scanned one = SelectiveScan(problem.in, problem.state);
  const auto one_grads = Gradients(one, problem);
  torch::set_num_threads(3);
  const Scanned three = SelectiveScan(problem.in, problem.state);
  const auto three_grads = Gradients(three, problem);
  torch::set_num_threads(before);
  EXPECT_TRUE(torch::equal(one.y, three.y));
  for (size_t i = 0; i < one_grads.size(); ++i) {
    EXPECT_TRUE(torch::equal(one_grads[i], three_grads[i])) << "gradient " << i;
  }
}

TEST(SelectiveScanTest, ShapesThatDisagreeAreNamed) {
  Problem problem = RandomProblem(8, 4, false);
  problem.in.b = torch::zeros({2, 7, 5}, torch::kFloat64);
  try {
    SelectiveScan(problem.in, problem.state);
    FAIL() << "expected an error";
  } catch (const c10::Error& error) {
    EXPECT_NE(std::string(error.what()).find("b: expected [2, 8, 5], got [2, 7, 5]"),
              std::string::npos)
        << error.what();
  }
}

}  // namespace
}  // namespace longplay
