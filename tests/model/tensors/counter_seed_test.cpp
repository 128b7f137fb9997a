// SPDX-License-Identifier: MIT
#include "model/tensors/counter_seed.h"

#include <gtest/gtest.h>

#include <set>

namespace longplay {
namespace {

TEST(CounterSeedTest, IsSplitMix64) {
  // The first numbers of the source's generator from state 0.
  EXPECT_EQ(CounterSeed(0, 0), 0xe220a8397b1dcdafULL);
  EXPECT_EQ(CounterSeed(0, 1), 0x6e789e6aa1b965f4ULL);
}

TEST(CounterSeedTest, NestedPlacesDifferInEitherHalf) {
  std::set<uint32_t> low, high;
  for (uint64_t layer = 0; layer < 100; ++layer) {
    for (uint64_t row = 0; row < 100; ++row) {
      const uint64_t seed = CounterSeed(CounterSeed(7, layer), row * 512);
      low.insert(static_cast<uint32_t>(seed));
      high.insert(static_cast<uint32_t>(seed >> 32));
    }
  }
  EXPECT_GE(low.size(), 9998U);  // of 10,000 draws from 2^32, 0.01 pairs meet by chance
  EXPECT_GE(high.size(), 9998U);
}

}  // namespace
}  // namespace longplay
