// SPDX-License-Identifier: MIT
#include "agent/batches/passes.h"

#include <gtest/gtest.h>

namespace longplay {
namespace {

/// Numbers of chains in each pass, for chains of these lengths.
std::vector<size_t> Sizes(const std::vector<int64_t>& lengths, int64_t steps, bool packed,
                          int64_t chains = 0) {
  std::vector<ChainWindow> drawn;
  for (const int64_t length : lengths) drawn.push_back({.length = length});
  std::vector<size_t> sizes;
  const ChainWindow* next = drawn.data();
  for (const auto& pass : SplitIntoPasses(drawn, {.steps = steps, .chains = chains}, packed)) {
    EXPECT_EQ(pass.data(), next);  // in order, none left out
    next += pass.size();
    sizes.push_back(pass.size());
  }
  EXPECT_EQ(next, drawn.data() + drawn.size());
  return sizes;
}

using Expected = std::vector<size_t>;

TEST(PassesTest, PaddingCountsWhereRowsArePadded) {
  EXPECT_EQ(Sizes({4, 4, 4, 4}, 0, false), (Expected{4}));
  EXPECT_EQ(Sizes({4, 4, 4, 4}, 8, false), (Expected{2, 2}));
  EXPECT_EQ(Sizes({1, 8, 1, 1}, 16, false), (Expected{2, 2}));
  EXPECT_EQ(Sizes({1, 8, 1, 1}, 16, true), (Expected{4}));
  EXPECT_EQ(Sizes({5, 3, 3, 9}, 8, true), (Expected{2, 1, 1}));
}

TEST(PassesTest, EveryPassHasAChainHoweverLong) {
  EXPECT_EQ(Sizes({9, 2, 9}, 1, false), (Expected{1, 1, 1}));
}

TEST(PassesTest, ThereMayBeALimitOfChainsToo) {
  EXPECT_EQ(Sizes({4, 4, 4, 4, 4}, 0, false, 2), (Expected{2, 2, 1}));
  EXPECT_EQ(Sizes({4, 4, 4, 4, 4}, 4, false, 2), (Expected{1, 1, 1, 1, 1}));
  EXPECT_EQ(Sizes({4, 1, 1, 1, 4}, 8, true, 3), (Expected{3, 2}));
}

}  // namespace
}  // namespace longplay
