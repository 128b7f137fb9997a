// SPDX-License-Identifier: MIT
#include "model/tensors/keyed_noise.h"

#include <gtest/gtest.h>
#include <torch/autograd.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <bit>
#include <cmath>
#include <vector>

#include "model/tensors/counter_seed.h"
#include "model/tensors/reference_keyed_noise.h"

namespace longplay {
namespace {

/// Keys of tokens 0 to N - 1 of chains 0 to B - 1, [B, N].
torch::Tensor Keys(int64_t B, int64_t N, const NoiseKey& key = {.seed = 3}) {
  return KeysOfTokens(key, torch::arange(B).unsqueeze(1), torch::arange(N).unsqueeze(0));
}

double MeanOf(const torch::Tensor& x) { return x.mean().item<double>(); }

/// Correlation of two tensors of uniform numbers.
double Correlation(const torch::Tensor& a, const torch::Tensor& b) {
  return MeanOf((a - 0.5) * (b - 0.5)) * 12;
}

// The loops of the CPU against their twin.

TEST(KeyedNoiseTest, BitsEqualTheReferences) {
  // 257 columns: more than loops take at once, and no whole vectors. The last key's low half runs
  // over into its high half.
  auto keys = Keys(3, 5).flatten();
  keys = torch::cat({keys, torch::tensor({int64_t{0x12345678ffffffef}, int64_t{-3}})});
  for (const int64_t columns : {1, 7, 8, 60, 257}) {
    for (const auto type : {torch::kFloat32, torch::kFloat64}) {
      const auto uniform = KeyedUniform(keys, columns, type);
      EXPECT_TRUE(uniform.equal(ReferenceUniform(keys, columns, type)));
      EXPECT_GT(uniform.min().item<double>(), 0);
      EXPECT_LT(uniform.max().item<double>(), 1);
    }
    for (const auto type : {torch::kFloat32, torch::kFloat64, torch::kBFloat16, torch::kFloat16}) {
      torch::manual_seed(1);
      const auto x = torch::randn({17, columns}).to(type);
      for (const double p : {0.0, 0.1, 0.5, 0.99}) {
        const auto wanted = ReferenceDrop(x, keys, p);
        EXPECT_TRUE(Drop(x, keys, p).equal(wanted));
        auto in_place = x.clone();
        DropInPlace(in_place, keys, p);
        EXPECT_TRUE(in_place.equal(wanted));
      }
    }
  }
}

TEST(KeyedNoiseTest, KeysEqualTheReferences) {
  const NoiseKey key{.seed = 0xfedcba9876543210, .step = 12, .first_chain = 5};
  const auto keys = Keys(3, 40, key);
  for (const int64_t chain : {0, 2}) {
    for (const int64_t token : {0, 39}) {
      const uint64_t wanted = CounterSeed(CounterSeed(CounterSeed(key.seed, 12), 5 + chain), token);
      EXPECT_EQ(std::bit_cast<uint64_t>(keys[chain][token].item<int64_t>()), wanted);
    }
  }
  EXPECT_TRUE(KeysAt(keys, 9).equal(ReferenceCounterSeed(keys, torch::tensor(int64_t{9}))));
}

TEST(KeyedNoiseTest, AHashOfThePublishedFunction) {
  // triple32 with 0 in the high half, computed from the source's C function.
  const auto bits = ReferenceNoiseBits(torch::zeros({1}, torch::kInt64), 3).flatten();
  const auto triple32 = [](uint32_t x) {
    x ^= x >> 17;
    x *= 0xed5ad4bbU;
    x ^= x >> 11;
    x *= 0xac4c1b51U;
    x ^= x >> 15;
    x *= 0x31848babU;
    return x ^ (x >> 14);
  };
  for (uint32_t c = 0; c < 3; ++c) EXPECT_EQ(bits[c].item<int64_t>(), triple32(c));
}

TEST(KeyedNoiseTest, ColumnsContinueWhereAKeyIsMovedOn) {
  // Attention reads a row's columns from any block of keys on.
  const auto keys = Keys(2, 6).flatten();
  const auto whole = KeyedUniform(keys, 40, torch::kFloat64);
  EXPECT_TRUE(KeyedUniform(keys + 13, 27, torch::kFloat64).equal(whole.narrow(1, 13, 27)));
}

TEST(KeyedNoiseTest, OtherThreadsAndOtherRowsBesideChangeNothing) {
  const auto keys = Keys(40, 60).flatten();
  const auto whole = KeyedUniform(keys, 100, torch::kFloat32);
  const auto normal = KeyedNormal(keys.narrow(0, 0, 50), 3);
  const auto gumbel = KeyedGumbel(keys.narrow(0, 0, 50), 3);
  const int threads = at::get_num_threads();
  at::set_num_threads(3);
  EXPECT_TRUE(KeyedUniform(keys, 100, torch::kFloat32).equal(whole));
  at::set_num_threads(threads);
  for (const int64_t row : {0, 7, 49}) {
    const auto own = keys.narrow(0, row, 1);
    EXPECT_TRUE(KeyedUniform(own, 100, torch::kFloat32)[0].equal(whole[row]));
    EXPECT_TRUE(KeyedNormal(own, 3)[0].equal(normal[row]));
    EXPECT_TRUE(KeyedGumbel(own, 3)[0].equal(gumbel[row]));
  }
}

// How random it is. 400 x 250 x 10 = 10^6 numbers: deviations of means of products are 0.001.

TEST(KeyedNoiseTest, UniformNumbersHaveTheirMomentsAndNoNeighbours) {
  const auto draw = [](const NoiseKey& key) {
    return KeyedUniform(Keys(10, 400, key), 250, torch::kFloat64);
  };
  const auto x = draw({.seed = 3, .step = 8});
  EXPECT_NEAR(MeanOf(x), 0.5, 0.0015);               // 5 deviations of 0.0003
  EXPECT_NEAR(MeanOf(x.square()), 1.0 / 3, 0.0015);  // likewise
  const auto neighbours = [&](int64_t dim) {
    const int64_t n = x.size(dim) - 1;
    return Correlation(x.narrow(dim, 0, n), x.narrow(dim, 1, n));
  };
  for (const int64_t dim : {0, 1, 2}) EXPECT_NEAR(neighbours(dim), 0, 0.005) << dim;
  EXPECT_NEAR(Correlation(x, draw({.seed = 3, .step = 9})), 0, 0.005);
  EXPECT_NEAR(Correlation(x, draw({.seed = 4, .step = 8})), 0, 0.005);
  EXPECT_NEAR(Correlation(x, draw({.seed = 3 + (uint64_t{1} << 40), .step = 8})), 0, 0.005);
  EXPECT_NEAR(Correlation(x, KeyedUniform(KeysAt(Keys(10, 400, {.seed = 3, .step = 8}), 1), 250,
                                          torch::kFloat64)),
              0, 0.005);
}

TEST(KeyedNoiseTest, EveryBitIsOneHalfOfTheTimeAndIndependentOfTheOthers) {
  const auto bits = ReferenceNoiseBits(Keys(1, 4000).flatten(), 250);
  std::vector<torch::Tensor> single;  // 32 times 10^6 numbers, -1 or 1
  for (int64_t i = 0; i < 32; ++i) {
    single.push_back(
        at::bitwise_right_shift(bits, i).bitwise_and(1).to(torch::kFloat32).mul_(2).sub_(1));
  }
  for (size_t i = 0; i < 32; ++i) {
    EXPECT_NEAR(MeanOf(single[i]), 0, 0.005) << i;
    for (size_t j = 0; j < i; ++j) EXPECT_NEAR(MeanOf(single[i] * single[j]), 0, 0.006) << i << j;
    // In the next column and the next row.
    EXPECT_NEAR(MeanOf(single[i].narrow(1, 0, 249) * single[i].narrow(1, 1, 249)), 0, 0.005) << i;
    EXPECT_NEAR(MeanOf(single[i].narrow(0, 0, 3999) * single[i].narrow(0, 1, 3999)), 0, 0.005) << i;
  }
}

TEST(KeyedNoiseTest, ManyRowsFallEvenlyIntoCells) {
  // One column of 10^6 tokens' rows: 1,000 cells, chi^2 of mean 999 and deviation 45.
  const auto x = KeyedUniform(Keys(1000, 1000).flatten(), 1, torch::kFloat64);
  const auto counts = torch::bincount((x.flatten() * 1000).to(torch::kInt64), {}, 1000);
  const double chi_squared =
      ((counts - 1000).square().to(torch::kFloat64) / 1000).sum().item<double>();
  EXPECT_NEAR(chi_squared, 999, 5 * 45);
}

TEST(KeyedNoiseTest, DropsItsShareAndIsRightOnAverage) {
  const auto keys = Keys(100, 100);
  const auto ones = torch::ones({100, 100, 100}, torch::kFloat64);
  for (const double p : {0.0, 0.01, 0.1, 0.5, 0.9, 0.99}) {
    const auto y = Drop(ones, keys, p);
    const double deviation = std::sqrt(p * (1 - p) / 1e6);
    EXPECT_NEAR(MeanOf((y == 0).to(torch::kFloat64)), p, 5 * deviation + 1e-9) << p;
    EXPECT_NEAR(MeanOf(y), 1, 5 * deviation / (1 - p) + 1e-9) << p;
    EXPECT_NEAR(y.max().item<double>(), 1 / (1 - p), 1e-12);
  }
}

TEST(KeyedNoiseTest, NormalAndGumbelHaveTheirMoments) {
  const auto normal = KeyedNormal({.seed = 1, .step = 2}, 100000, 10);
  EXPECT_NEAR(MeanOf(normal), 0, 0.005);
  EXPECT_NEAR(MeanOf(normal.square()), 1, 0.007);
  EXPECT_NEAR(MeanOf(normal.pow(3)), 0, 0.02);
  EXPECT_NEAR(MeanOf(normal.pow(4)), 3, 0.05);
  EXPECT_NEAR(MeanOf(normal.narrow(1, 0, 9) * normal.narrow(1, 1, 9)), 0, 0.006);
  const auto gumbel = KeyedGumbel(Keys(1000, 1000), 1);
  EXPECT_NEAR(MeanOf(gumbel), 0.57722, 0.007);               // Euler's constant
  EXPECT_NEAR(gumbel.var().item<double>(), 1.64493, 0.016);  // pi^2 / 6
}

TEST(KeyedNoiseTest, ASamplesNoiseDoesNotDependOnTheBatch) {
  const auto whole = KeyedNormal({.seed = 1, .step = 2}, 9, 4);
  EXPECT_TRUE(
      KeyedNormal({.seed = 1, .step = 2, .first_chain = 5}, 4, 4).equal(whole.narrow(0, 5, 4)));
  EXPECT_FALSE(KeyedNormal({.seed = 1, .step = 3}, 9, 4).equal(whole));
}

// As a part of a network.

TEST(KeyedNoiseTest, GradientsAreDroppedAsTheNumbersWere) {
  const auto keys = Keys(2, 3);
  const auto x = torch::ones({2, 3, 50}, torch::kFloat64).requires_grad_();
  const auto y = Drop(x, keys, 0.3);
  const auto grad = torch::randn_like(y).requires_grad_();
  const auto got = torch::autograd::grad({y}, {x}, {grad}, true, /*create_graph=*/true)[0];
  EXPECT_TRUE(got.equal(grad * y));
  EXPECT_TRUE(torch::autograd::grad({got.sum()}, {grad})[0].equal(y));  // of second order too
}

TEST(KeyedNoiseTest, RowsThatAreNoneInMemoryAreDroppedAlike) {
  const auto x = torch::randn({4, 30, 6}), keys = Keys(4, 6);
  auto turned = x.transpose(1, 2);  // [4, 6, 30], not contiguous
  const auto wanted = Drop(turned.contiguous(), keys, 0.4);
  EXPECT_TRUE(Drop(turned, keys, 0.4).equal(wanted));
  DropInPlace(turned, keys.transpose(0, 1).contiguous().transpose(0, 1), 0.4);
  EXPECT_TRUE(turned.equal(wanted));
}

TEST(KeyedNoiseTest, KeysThatDoNotFitAreRefused) {
  EXPECT_THROW(Drop(torch::ones({4, 5}), torch::zeros({5}, torch::kInt64), 0.5), c10::Error);
  EXPECT_THROW(Drop(torch::ones({4, 5}), {}, 0.5), c10::Error);
}

}  // namespace
}  // namespace longplay
