// SPDX-License-Identifier: MIT
#include "model/ranks/sequence_slice.h"

#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include "tests/model/ranks/thread_context.h"

namespace longplay {
namespace {

using Pairs = std::vector<std::vector<std::pair<int64_t, int64_t>>>;

Pairs RangesOf(const SequenceSlice& slice) {
  Pairs pairs;
  for (const auto& held : slice.held) {
    pairs.emplace_back();
    for (const Range range : held) pairs.back().emplace_back(range.first, range.last);
  }
  return pairs;
}

TEST(SequenceSliceTest, RangesFollowOneAnother) {
  ThreadContext three(3);
  EXPECT_EQ(RangesOf(CutSequence(11, SliceOrder::kInOrder, 1, three.of(0))),
            (Pairs{{{0, 3}}, {{3, 7}}, {{7, 11}}}));
  // Whole units of four: the last one is shorter.
  EXPECT_EQ(RangesOf(CutSequence(18, SliceOrder::kInOrder, 4, three.of(0))),
            (Pairs{{{0, 4}}, {{4, 12}}, {{12, 18}}}));
}

TEST(SequenceSliceTest, ZigzagGivesEveryRankAnEarlyAndALateRange) {
  ThreadContext two(2), three(3);
  EXPECT_EQ(RangesOf(CutSequence(8, SliceOrder::kZigzag, 1, two.of(0))),
            (Pairs{{{0, 2}, {6, 8}}, {{2, 6}}}));
  // Three steps for three ranks: one each.
  EXPECT_EQ(RangesOf(CutSequence(3, SliceOrder::kZigzag, 1, three.of(0))),
            (Pairs{{{2, 3}}, {{0, 1}}, {{1, 2}}}));
}

/// Pairs of tokens that a rank's tokens see under the causal rule.
int64_t VisiblePairsOf(const std::vector<Range>& held) {
  int64_t pairs = 0;
  for (const Range range : held) {
    for (int64_t t = range.first; t < range.last; ++t) pairs += t + 1;
  }
  return pairs;
}

TEST(SequenceSliceTest, ZigzagBalancesVisiblePairs) {
  ThreadContext four(4);
  const SequenceSlice slice = CutSequence(800, SliceOrder::kZigzag, 1, four.of(0));
  for (const auto& held : slice.held) EXPECT_EQ(VisiblePairsOf(held), 800 * 801 / 2 / 4);
}

TEST(SequenceSliceTest, TakesItsOwnStepsAndTokens) {
  ThreadContext two(2);
  const SequenceSlice slice = CutSequence(8, SliceOrder::kZigzag, 1, two.of(0));
  EXPECT_EQ(slice.size(), 4);
  const auto whole = torch::arange(8).unsqueeze(0);
  EXPECT_TRUE(slice.Of(whole).equal(torch::tensor({{0, 1, 6, 7}})));
  // Three tokens to a step, without the first two: the first range has them no more.
  const SequenceSlice tokens = slice.InTokens(3, 2);
  EXPECT_EQ(tokens.length, 22);
  EXPECT_EQ(RangesOf(tokens), (Pairs{{{0, 4}, {16, 22}}, {{4, 16}}}));
}

TEST(SequenceSliceTest, FewerUnitsThanRanksAreRefused) {
  ThreadContext three(3);
  EXPECT_THROW(CutSequence(2, SliceOrder::kInOrder, 1, three.of(0)), c10::Error);
  EXPECT_THROW(CutSequence(8, SliceOrder::kInOrder, 4, three.of(0)), c10::Error);
}

}  // namespace
}  // namespace longplay
