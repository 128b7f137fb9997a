// SPDX-License-Identifier: MIT
#include "model/tensors/counter_seed.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include <set>

namespace longplay {
namespace {

TEST(CounterSeedTest, PlacesDifferInTheBitsThatTheCpuGeneratorUses) {
  // Seeds that lie 2^40 apart start torch's CPU generator at the same place: it uses 32 bits.
  std::set<uint32_t> seeds;
  for (uint64_t layer = 0; layer < 100; ++layer) {
    for (uint64_t row = 0; row < 100; ++row) {
      seeds.insert(static_cast<uint32_t>(CounterSeed(CounterSeed(7, layer), row * 512)));
    }
  }
  EXPECT_GE(seeds.size(), 9998U);  // of 10,000 draws from 2^32, 0.01 pairs meet by chance
}

TEST(CounterSeedTest, AGeneratorStartsWhereItsSeedSays) {
  const auto draw = [](uint64_t seed) {
    return torch::empty({8}).uniform_(0, 1, SeededGenerator(torch::kCPU, seed));
  };
  EXPECT_TRUE(torch::equal(draw(1), draw(1)));
  EXPECT_FALSE(torch::equal(draw(1), draw(2)));
}

}  // namespace
}  // namespace longplay
