// SPDX-License-Identifier: MIT
#include "agent/batches/passes.h"

#include <gtest/gtest.h>

#include <stdexcept>

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

/// Numbers of chains in each pass of each rank: {{2, 2}, {1}}.
std::vector<Expected> Shares(int64_t chains, const PassLimits& limits, int64_t ranks) {
  const std::vector<ChainWindow> drawn(chains, ChainWindow{.length = 4});
  std::vector<Expected> shares;
  int64_t chain = 0, pass = 0;
  for (int64_t rank = 0; rank < ranks; ++rank) {
    const SharedStep share = ShareOverRanks(drawn, limits, false, {rank, ranks});
    EXPECT_EQ(share.first_chain, chain);
    EXPECT_EQ(share.first_pass, pass);
    shares.emplace_back();
    for (const auto& each : share.passes) {
      EXPECT_EQ(each.data(), drawn.data() + chain);
      chain += static_cast<int64_t>(each.size());
      shares.back().push_back(each.size());
    }
    pass += static_cast<int64_t>(share.passes.size());
  }
  // Ranks know how many passes all have together.
  EXPECT_EQ(ShareOverRanks(drawn, limits, false, {0, ranks}).all_passes, pass);
  EXPECT_EQ(chain, chains);
  return shares;
}

TEST(ShareOverRanksTest, ChainsAreSharedOutInTheirOrder) {
  EXPECT_EQ(Shares(5, {}, 1), (std::vector<Expected>{{5}}));
  EXPECT_EQ(Shares(5, {}, 2), (std::vector<Expected>{{2}, {3}}));
  EXPECT_EQ(Shares(5, {.steps = 8}, 2), (std::vector<Expected>{{2}, {2, 1}}));
  EXPECT_EQ(Shares(4, {}, 4), (std::vector<Expected>{{1}, {1}, {1}, {1}}));
}

TEST(ShareOverRanksTest, RanksHaveWholePassesOfOneProcessWhereThereAreEnough) {
  EXPECT_EQ(Shares(7, {.chains = 2}, 1), (std::vector<Expected>{{2, 2, 2, 1}}));
  EXPECT_EQ(Shares(7, {.chains = 2}, 2), (std::vector<Expected>{{2, 2}, {2, 1}}));
  EXPECT_EQ(Shares(7, {.chains = 2}, 3), (std::vector<Expected>{{2}, {2}, {2, 1}}));
  EXPECT_EQ(Shares(7, {.chains = 4}, 3), (std::vector<Expected>{{2}, {2}, {3}}));
}

TEST(ShareOverRanksTest, ARankWithoutAChainIsRefused) {
  EXPECT_THROW(Shares(2, {}, 3), std::invalid_argument);
}

}  // namespace
}  // namespace longplay
