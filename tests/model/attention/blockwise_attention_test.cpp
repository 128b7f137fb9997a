// SPDX-License-Identifier: MIT
#include "model/attention/blockwise_attention.h"

#include <gtest/gtest.h>
#include <torch/autograd.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>
#include <cmath>
#include <tuple>
#include <utility>
#include <vector>

#include "model/attention/attend.h"
#include "model/attention/reference_attention.h"
#include "model/tensors/keyed_noise.h"

namespace longplay {
namespace {

// Residuals measured below 1e-14 on outputs and gradients of size 1 to 10.
constexpr double kExact = 1e-10;

struct Inputs {
  torch::Tensor q, k, v, grad;
};

Inputs RandomInputs(int64_t T, int64_t S, torch::ScalarType dtype = torch::kFloat64) {
  torch::manual_seed(T * 100 + S);
  const auto like = torch::TensorOptions().dtype(dtype);
  const auto draw = [&](int64_t rows) { return torch::randn({2, 3, rows, 8}, like); };
  return {draw(T).requires_grad_(), draw(S).requires_grad_(), draw(S).requires_grad_(), draw(T)};
}

/// Dropout of the weights of q [B, H, T, K], its draws decided by the seed.
WeightDropout DropoutOf(const torch::Tensor& q, double probability, uint64_t seed) {
  const auto chains = torch::arange(q.size(0)).view({-1, 1, 1});
  const auto numbers = torch::arange(q.size(1) * q.size(2)).view({q.size(1), q.size(2)});
  return {probability, KeysOfTokens({.seed = seed}, chains, numbers)};
}

double LargestDifference(const torch::Tensor& a, const torch::Tensor& b) {
  return (a - b).abs().max().item<double>();
}

/// The specification with any mask: hidden [B, 1, T, S] bool, true = not seen. Rows that see no
/// token are zero.
torch::Tensor MaskedReference(const Inputs& in, const torch::Tensor& hidden) {
  const auto scores = torch::matmul(in.q, in.k.transpose(-2, -1)) / std::sqrt(8.0);
  const auto weights = torch::softmax(scores.masked_fill(hidden, -1e300), -1);
  return torch::matmul(weights.masked_fill(hidden, 0), in.v);
}

torch::Tensor AboveDiagonal(int64_t T, int64_t S) {
  return torch::ones({T, S}, torch::kBool).triu(S - T + 1).view({1, 1, T, S});
}

/// Largest difference of the output and of the three gradients from `expected`.
double CompareInBlocks(const Inputs& in, const torch::Tensor& expected,
                       const Visibility& visibility, int64_t query_block, int64_t key_block) {
  const AttentionOptions blocks{.query_block = query_block, .key_block = key_block};
  const Attended attended = AttendInBlocks(in.q, in.k, in.v, visibility, blocks);
  const auto grads =
      AttendInBlocksBackward(in.grad, in.q, in.k, in.v, attended, visibility, blocks);
  const auto wanted = torch::autograd::grad({expected}, {in.q, in.k, in.v}, {in.grad}, true);
  return std::max({LargestDifference(attended.heads, expected),
                   LargestDifference(grads.q, wanted[0]), LargestDifference(grads.k, wanted[1]),
                   LargestDifference(grads.v, wanted[2])});
}

using Shape = std::tuple<int64_t, int64_t, int64_t, int64_t>;  // T, S, query block, key block
class BlockShapeTest : public testing::TestWithParam<Shape> {};

TEST_P(BlockShapeTest, OutputsAndGradientsEqualTheReference) {
  const auto [T, S, query_block, key_block] = GetParam();
  const Inputs in = RandomInputs(T, S);
  EXPECT_LT(CompareInBlocks(in, ReferenceAttend(in.q, in.k, in.v), {}, query_block, key_block),
            kExact);
}

INSTANTIATE_TEST_SUITE_P(BlocksThatDivideAndDoNot, BlockShapeTest,
                         testing::Values(Shape{24, 24, 4, 4}, Shape{24, 24, 8, 3},
                                         Shape{24, 24, 3, 8}, Shape{23, 23, 5, 7},
                                         Shape{23, 23, 7, 5}, Shape{23, 23, 64, 64},
                                         Shape{23, 23, 64, 4}, Shape{23, 23, 4, 64},
                                         Shape{1, 1, 4, 4}, Shape{1, 9, 4, 4}, Shape{5, 9, 2, 4},
                                         Shape{5, 9, 4, 2}));

// Defects of the published code (haoliuhl/ringattention and its ancestors), one test each.

TEST(BlockwiseAttentionTest, QueriesAreDividedByTheRootOfTheHeadWidth) {
  // e0d2b52:llamabpt/llamabpt.py scaled in the unchunked path only.
  const Inputs in = RandomInputs(8, 8);
  const AttentionOptions one_block{}, many_blocks{.query_block = 2, .key_block = 2};
  EXPECT_LT(LargestDifference(AttendInBlocks(in.q, in.k, in.v, {}, one_block).heads,
                              AttendInBlocks(in.q, in.k, in.v, {}, many_blocks).heads),
            kExact);
}

TEST(BlockwiseAttentionTest, NeededBlocksAreKeptWhenKeyBlocksAreSmallerThanQueryBlocks) {
  // 63c5f60:bpt.py compared block numbers and dropped 21 needed blocks at (4, 2, 24).
  const Inputs in = RandomInputs(24, 24);
  EXPECT_LT(CompareInBlocks(in, ReferenceAttend(in.q, in.k, in.v), {}, 4, 2), kExact);
}

TEST(BlockwiseAttentionTest, NeededBlocksAreKeptForOddBlocksAndBlocksOfOne) {
  // 6305e2f: below_or_on_diag used a strict comparison: (1, 4), (4, 1) and (3, 2) lost blocks.
  const Inputs in = RandomInputs(24, 24);
  for (const auto& [query_block, key_block] :
       std::vector<std::pair<int64_t, int64_t>>{{1, 4}, {4, 1}, {3, 2}, {2, 3}, {1, 1}}) {
    EXPECT_LT(CompareInBlocks(in, ReferenceAttend(in.q, in.k, in.v), {}, query_block, key_block),
              kExact)
        << query_block << ", " << key_block;
  }
}

TEST(BlockwiseAttentionTest, BlocksAboveTheDiagonalAreNeverTouched) {
  // e0d2b52 computed them and threw them away. NaN in keys that nobody sees would spread.
  Inputs in = RandomInputs(8, 8);
  const torch::NoGradGuard no_grad;
  in.k.narrow(2, 4, 4).fill_(std::numeric_limits<double>::quiet_NaN());
  const AttentionOptions blocks{.query_block = 4, .key_block = 4};
  const auto heads = AttendInBlocks(in.q, in.k, in.v, {}, blocks).heads;
  EXPECT_TRUE(heads.narrow(2, 0, 4).isfinite().all().item<bool>());
}

TEST(BlockwiseAttentionTest, OneNumberPerRowIsKeptForTheSoftmax) {
  // e0d2b52 carried the denominator once per head width.
  const Inputs in = RandomInputs(8, 8);
  EXPECT_EQ(AttendInBlocks(in.q, in.k, in.v, {}, {}).log_sum_exp.sizes(),
            (std::vector<int64_t>{2, 3, 8}));
}

TEST(BlockwiseAttentionTest, LargeScoresDoNotOverflow) {
  Inputs in = RandomInputs(16, 16, torch::kFloat32);
  const torch::NoGradGuard no_grad;
  in.q.mul_(1000);
  const AttentionOptions blocks{.query_block = 4, .key_block = 4};
  EXPECT_TRUE(AttendInBlocks(in.q, in.k, in.v, {}, blocks).heads.isfinite().all().item<bool>());
}

// Masks.

TEST(BlockwiseAttentionTest, PaddedKeysAreNotSeenAndRowsWithoutKeysAreZero) {
  const Inputs in = RandomInputs(11, 11);
  auto keys = torch::ones({2, 11}, torch::kBool);
  keys[0].narrow(0, 0, 3).fill_(false);  // rows 0 to 2 of the first sequence see nothing
  keys[1].narrow(0, 7, 4).fill_(false);
  const auto hidden = AboveDiagonal(11, 11).logical_or(keys.logical_not().view({2, 1, 1, 11}));
  EXPECT_LT(CompareInBlocks(in, MaskedReference(in, hidden), {.span = 0, .keys = keys}, 4, 3),
            kExact);
  const auto heads = AttendInBlocks(in.q, in.k, in.v, {.span = 0, .keys = keys}, {}).heads;
  EXPECT_EQ(heads[0].narrow(1, 0, 3).abs().max().item<double>(), 0);
}

TEST(BlockwiseAttentionTest, WindowsHideOlderKeys) {
  const Inputs in = RandomInputs(23, 23);
  const auto distance = torch::arange(23).view({-1, 1}) - torch::arange(23);
  for (const int64_t span : {1, 4, 5, 22, 23, 40}) {
    const auto hidden = (distance < 0).logical_or(distance >= span).view({1, 1, 23, 23});
    EXPECT_LT(CompareInBlocks(in, MaskedReference(in, hidden), {.span = span}, 4, 3), kExact);
    EXPECT_LT(CompareInBlocks(in, MaskedReference(in, hidden), {.span = span}, 3, 8), kExact);
  }
}

TEST(BlockwiseAttentionTest, WindowsNeverTouchBlocksBeyondTheSpan) {
  Inputs in = RandomInputs(12, 12);
  const torch::NoGradGuard no_grad;
  in.v.narrow(2, 0, 4).fill_(std::numeric_limits<double>::quiet_NaN());
  const AttentionOptions blocks{.query_block = 4, .key_block = 4};
  const auto heads = AttendInBlocks(in.q, in.k, in.v, {.span = 3}, blocks).heads;
  EXPECT_TRUE(heads.narrow(2, 8, 4).isfinite().all().item<bool>());
}

TEST(BlockwiseAttentionTest, SegmentsDoNotSeeEachOther) {
  const Inputs in = RandomInputs(10, 10);
  const auto segments =
      torch::tensor({{0, 0, 0, 1, 1, 1, 1, 2, 2, 2}, {0, 1, 1, 1, 1, 1, 1, 1, 1, 1}});
  const auto hidden = AboveDiagonal(10, 10).logical_or(
      (segments.unsqueeze(2) != segments.unsqueeze(1)).unsqueeze(1));
  const Visibility visibility{.span = 0, .keys = {}, .segments = segments};
  EXPECT_LT(CompareInBlocks(in, MaskedReference(in, hidden), visibility, 4, 3), kExact);
}

TEST(BlockwiseAttentionTest, DifferentiableFormEqualsTheReferenceOnEveryPath) {
  for (const auto& [T, S] : std::vector<std::pair<int64_t, int64_t>>{{12, 12}, {5, 12}, {1, 12}}) {
    const Inputs in = RandomInputs(T, S);
    const auto ours = BlockwiseAttend(in.q, in.k, in.v, {}, {.query_block = 4, .key_block = 5});
    const auto wanted = ReferenceAttend(in.q, in.k, in.v);
    EXPECT_LT(LargestDifference(ours, wanted), kExact);
    const auto got = torch::autograd::grad({ours}, {in.q, in.k, in.v}, {in.grad});
    const auto expected = torch::autograd::grad({wanted}, {in.q, in.k, in.v}, {in.grad});
    for (size_t i = 0; i < 3; ++i) EXPECT_LT(LargestDifference(got[i], expected[i]), kExact);
  }
}

/// Outputs and gradients of BlockwiseAttend against ReferenceAttend.
double CompareWithReference(const Inputs& in, const Visibility& visibility,
                            const AttentionOptions& blocks) {
  const auto ours = BlockwiseAttend(in.q, in.k, in.v, visibility, blocks);
  const auto wanted = ReferenceAttend(in.q, in.k, in.v, visibility);
  const auto got = torch::autograd::grad({ours}, {in.q, in.k, in.v}, {in.grad});
  const auto expected = torch::autograd::grad({wanted}, {in.q, in.k, in.v}, {in.grad});
  double largest = LargestDifference(ours, wanted);
  for (size_t i = 0; i < 3; ++i)
    largest = std::max(largest, LargestDifference(got[i], expected[i]));
  return largest;
}

TEST(BlockwiseAttentionTest, FusedBlocksEqualTheReferenceUnderEveryMask) {
  const Inputs in = RandomInputs(23, 23);
  auto keys = torch::ones({2, 23}, torch::kBool);
  keys[0].narrow(0, 0, 3).fill_(false);  // rows 0 to 2 of the first sequence see nothing
  keys[1].narrow(0, 15, 8).fill_(false);
  const auto segments = torch::arange(23).floor_divide(6).expand({2, 23});
  for (const auto& [query_block, key_block] :
       std::vector<std::pair<int64_t, int64_t>>{{4, 3}, {3, 8}, {5, 5}, {1, 1}, {64, 64}}) {
    const AttentionOptions blocks{.query_block = query_block, .key_block = key_block};
    for (const int64_t span : {0, 1, 4, 22, 40}) {
      EXPECT_LT(CompareWithReference(in, {.span = span}, blocks), kExact) << span;
      EXPECT_LT(CompareWithReference(in, {.span = span, .keys = keys}, blocks), kExact) << span;
      EXPECT_LT(CompareWithReference(in, {.span = span, .keys = {}, .segments = segments}, blocks),
                kExact)
          << span;
      EXPECT_LT(
          CompareWithReference(in, {.span = span, .keys = keys, .segments = segments}, blocks),
          kExact)
          << span;
    }
  }
}

// Queries and keys from the middle of a sequence: backward once took them for its end.
TEST(BlockwiseAttentionTest, PlacesInTheSequenceReachBackward) {
  const Inputs in = RandomInputs(6, 14);
  auto keys = torch::ones({2, 30}, torch::kBool);
  keys[1].narrow(0, 10, 5).fill_(false);
  const auto segments = torch::arange(30).floor_divide(7).expand({2, 30});
  for (const auto& [first_key, first_query] :
       std::vector<std::pair<int64_t, int64_t>>{{5, Visibility::kEnd}, {5, 5}, {5, 9}, {5, 24}}) {
    for (const int64_t span : {0, 4, 9}) {
      for (const bool masked : {false, true}) {
        const Visibility visibility{.span = span,
                                    .keys = masked ? keys : torch::Tensor(),
                                    .segments = masked ? segments : torch::Tensor(),
                                    .first_key = first_key,
                                    .first_query = first_query,
                                    .sinks = span > 0 ? 7 : 0};
        EXPECT_LT(CompareWithReference(in, visibility, {.query_block = 4, .key_block = 3}), kExact)
            << first_query << " " << span << " " << masked;
      }
    }
  }
}

TEST(BlockwiseAttentionTest, GroupedAndMultiQueryHeadsEqualTheReference) {
  for (const int64_t shared : {1, 2, 3, 6}) {
    torch::manual_seed(shared);
    const auto draw = [&](int64_t heads) {
      return torch::randn({2, heads, 13, 4}, torch::kFloat64).requires_grad_();
    };
    const Inputs in{draw(6), draw(shared), draw(shared),
                    torch::randn({2, 6, 13, 4}, torch::kFloat64)};
    EXPECT_LT(CompareWithReference(in, {}, {}), kExact) << shared;
    EXPECT_LT(CompareWithReference(in, {.span = 5}, {.query_block = 4, .key_block = 3}), kExact);
  }
}

TEST(BlockwiseAttentionTest, QueryHeadsThatDoNotDivideAreRefused) {
  const auto q = torch::randn({1, 3, 4, 2}), k = torch::randn({1, 2, 4, 2});
  EXPECT_THROW(BlockwiseAttend(q, k, k, {}, {}), c10::Error);
}

TEST(BlockwiseAttentionTest, OneQueryOfALongContextSeesItsSpan) {
  const Inputs in = RandomInputs(1, 30);
  for (const int64_t span : {0, 1, 7, 30, 50}) {
    const auto ours = Attend(in.q, in.k, in.v, {.span = span}, {.query_block = 4, .key_block = 4});
    EXPECT_LT(LargestDifference(ours.heads, ReferenceAttend(in.q, in.k, in.v, {.span = span})),
              kExact);
  }
}

// Attention dropout.

TEST(BlockwiseAttentionTest, DropoutZeroesItsShareAndScalesTheRest) {
  // With equal scores and v = 1, a row is the sum of its kept weights / (1 - p).
  const auto q = torch::zeros({4, 4, 256, 8}), v = torch::ones({4, 4, 256, 8});
  const Visibility visibility{
      .span = 0, .keys = {}, .segments = {}, .dropout = DropoutOf(q, 0.25, 3)};
  const auto heads = Attend(q, q, v, visibility, {.query_block = 64, .key_block = 32}).heads;
  EXPECT_NEAR(heads.narrow(2, 64, 192).mean().item<double>(), 1, 0.01);
  const auto first = heads.select(2, 0).select(2, 0).flatten();  // sees one key: 0 or 4 / 3
  EXPECT_LT(torch::minimum(first.abs(), (first - 4.0 / 3).abs()).max().item<double>(), 1e-6);
}

TEST(BlockwiseAttentionTest, DropoutEqualsTheReferencesInAnyBlocks) {
  for (const auto& [T, S] : std::vector<std::pair<int64_t, int64_t>>{{17, 17}, {5, 17}}) {
    const Inputs in = RandomInputs(T, S);
    for (const int64_t span : {0, 9}) {
      const Visibility visibility{
          .span = span, .keys = {}, .segments = {}, .dropout = DropoutOf(in.q, 0.3, 11)};
      const auto wanted = ReferenceAttend(in.q, in.k, in.v, visibility);
      for (const auto& [query_block, key_block] :
           std::vector<std::pair<int64_t, int64_t>>{{4, 5}, {5, 3}, {64, 64}}) {
        EXPECT_LT(CompareInBlocks(in, wanted, visibility, query_block, key_block), kExact);
      }
      const Visibility other{
          .span = span, .keys = {}, .segments = {}, .dropout = DropoutOf(in.q, 0.3, 12)};
      EXPECT_GT(LargestDifference(wanted, ReferenceAttend(in.q, in.k, in.v, other)), 0.1);
    }
  }
}

TEST(BlockwiseAttentionTest, DropoutOfSharedHeadsEqualsTheReferences) {
  const Inputs in = RandomInputs(17, 17);
  const auto k = in.k.narrow(1, 0, 1), v = in.v.narrow(1, 0, 1);  // three heads read one
  const Visibility visibility{
      .span = 0, .keys = {}, .segments = {}, .dropout = DropoutOf(in.q, 0.3, 11)};
  const auto ours = BlockwiseAttend(in.q, k, v, visibility, {.query_block = 4, .key_block = 5});
  const auto wanted = ReferenceAttend(in.q, k, v, visibility);
  EXPECT_LT(LargestDifference(ours, wanted), kExact);
  const auto gradients = [&](const torch::Tensor& y) {
    return torch::autograd::grad({y}, {in.q, in.k, in.v}, {in.grad}, true);
  };
  for (size_t i = 0; i < 3; ++i) {
    EXPECT_LT(LargestDifference(gradients(ours)[i], gradients(wanted)[i]), kExact) << i;
  }
}

TEST(BlockwiseAttentionTest, DropoutWithoutKeysIsRefused) {
  const Inputs in = RandomInputs(3, 3);
  const Visibility visibility{.span = 0, .keys = {}, .segments = {}, .dropout = {0.3, {}}};
  EXPECT_THROW(Attend(in.q, in.k, in.v, visibility, {}), c10::Error);
}

// Other types.

TEST(BlockwiseAttentionTest, BFloat16KeepsItsSumsInFloat32) {
  const Inputs in = RandomInputs(40, 40, torch::kFloat32);
  const auto narrow = [](const torch::Tensor& x) { return x.to(torch::kBFloat16); };
  const auto wanted = ReferenceAttend(in.q, in.k, in.v, {.span = 13});
  for (const double dropout : {0.0, 1e-9}) {  // the second takes the matrix products
    const Visibility visibility{
        .span = 13, .keys = {}, .segments = {}, .dropout = DropoutOf(in.q, dropout, 1)};
    const Attended ours = Attend(narrow(in.q), narrow(in.k), narrow(in.v), visibility,
                                 {.query_block = 16, .key_block = 8});
    EXPECT_EQ(ours.log_sum_exp.scalar_type(), torch::kFloat32);
    EXPECT_EQ(ours.heads.scalar_type(), torch::kBFloat16);
    // One rounding to 8 bits of numbers up to 3; residual measured: 0.02.
    EXPECT_LT(LargestDifference(ours.heads.to(torch::kFloat32), wanted), 0.05);
  }
  // The specification runs in this type too: its lowest score once was float32's, and overflowed.
  const auto narrowed = ReferenceAttend(narrow(in.q), narrow(in.k), narrow(in.v), {.span = 13});
  EXPECT_LT(LargestDifference(narrowed.to(torch::kFloat32), wanted), 0.1);  // measured: 0.02
}

TEST(BlockwiseAttentionTest, FusedKernelEqualsBlocksWithItsLogSumExp) {
  const Inputs in = RandomInputs(40, 40);
  const AttentionOptions blocks{.query_block = 16, .key_block = 16};
  const Attended fused = Attend(in.q, in.k, in.v, {}, blocks);
  const Attended plain = AttendInBlocks(in.q, in.k, in.v, {}, blocks);
  EXPECT_LT(LargestDifference(fused.heads, plain.heads), kExact);
  EXPECT_LT(LargestDifference(fused.log_sum_exp, plain.log_sum_exp), kExact);
  const auto a = AttendBackward(in.grad, in.q, in.k, in.v, plain, {}, blocks);
  const auto b = AttendInBlocksBackward(in.grad, in.q, in.k, in.v, fused, {}, blocks);
  EXPECT_LT(LargestDifference(a.q, b.q), kExact);
  EXPECT_LT(LargestDifference(a.k, b.k), kExact);
  EXPECT_LT(LargestDifference(a.v, b.v), kExact);
}

TEST(BlockwiseAttentionTest, PartsOverDisjointKeysMergeExactly) {
  const Inputs in = RandomInputs(6, 14);
  auto early = torch::ones({2, 14}, torch::kBool);
  early.narrow(1, 5, 9).fill_(false);
  Attended merged = AttendInBlocks(in.q, in.k, in.v, {.span = 0, .keys = early}, {});
  MergeInto(merged, AttendInBlocks(in.q, in.k, in.v, {.span = 0, .keys = early.logical_not()}, {}));
  const Attended whole = AttendInBlocks(in.q, in.k, in.v, {}, {});
  EXPECT_LT(LargestDifference(merged.heads, whole.heads), kExact);
  EXPECT_LT(LargestDifference(merged.log_sum_exp, whole.log_sum_exp), kExact);
}

TEST(BlockwiseAttentionTest, WrongShapesAreRefused) {
  const Inputs in = RandomInputs(4, 4);
  EXPECT_THROW(BlockwiseAttend(in.q, in.k.narrow(2, 0, 2), in.v.narrow(2, 0, 2), {}, {}),
               c10::Error);
  EXPECT_THROW(BlockwiseAttend(in.q, in.k, in.v, {.span = 0, .keys = torch::ones({2, 3})}, {}),
               c10::Error);
}

}  // namespace
}  // namespace longplay
