// SPDX-License-Identifier: MIT
#include "model/tensors/token_noise.h"

#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <set>

namespace longplay {
namespace {

constexpr NoiseKey kKey{.seed = 5, .step = 7, .first_chain = 20};

TEST(TokenNoiseTest, PackedChainsHaveTheKeysThatTheyHaveInRowsOfTheirOwn) {
  const auto rows = NoiseOfTokens(kKey, {}, 3, 4, 2, torch::kCPU);  // [3, 8]
  // Chains of 4, 1 and 3 steps.
  const auto segments = torch::tensor({0, 0, 0, 0, 1, 2, 2, 2}).unsqueeze(0);
  const auto packed = NoiseOfTokens(kKey, segments, 1, 8, 2, torch::kCPU);  // [1, 16]
  int64_t first = 0;
  for (const auto& [chain, steps] : {std::pair{0, 4}, {1, 1}, {2, 3}}) {
    const auto own = [&](const torch::Tensor& of) { return of[0].narrow(0, first, 2 * steps); };
    EXPECT_TRUE(own(packed.keys).equal(rows.keys[chain].narrow(0, 0, 2 * steps)));
    EXPECT_TRUE(own(packed.numbers).equal(torch::arange(2 * steps)));
    first += 2 * steps;
  }
}

TEST(TokenNoiseTest, ABatchMayBeginAtAnyChain) {
  const auto whole = NoiseOfTokens(kKey, {}, 4, 3, 1, torch::kCPU);
  for (int64_t i = 0; i < 4; ++i) {
    NoiseKey own = kKey;
    own.first_chain += i;
    EXPECT_TRUE(
        NoiseOfTokens(own, {}, 1, 3, 1, torch::kCPU).keys.equal(whole.OfRows({i, i + 1}).keys));
  }
}

TEST(TokenNoiseTest, EveryLayerUseAndTokenHasAKeyOfItsOwn) {
  const auto noise = NoiseOfTokens(kKey, {}, 2, 5, 1, torch::kCPU);
  std::set<int64_t> keys;
  const auto add = [&](const TokenNoise& of) {
    for (int64_t use = 0; use <= static_cast<int64_t>(NoiseUse::kKeptHidden); ++use) {
      const auto own = of.KeysOf(static_cast<NoiseUse>(use)).flatten();
      for (int64_t i = 0; i < own.numel(); ++i) keys.insert(own[i].item<int64_t>());
    }
  };
  add(noise);
  for (int64_t layer = 0; layer < 6; ++layer) add(noise.OfLayer(layer));
  EXPECT_EQ(keys.size(), 7U * 11 * 10);
}

TEST(TokenNoiseTest, NothingIsDrawnFromNothing) {
  EXPECT_THROW(TokenNoise().KeysOf(NoiseUse::kMixerBranch), c10::Error);
  EXPECT_FALSE(TokenNoise().Of({0, 3}).defined());
}

}  // namespace
}  // namespace longplay
