// SPDX-License-Identifier: MIT
#include "model/mixers/key_value_cache.h"

#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <vector>

#include "model/attention/reference_attention.h"

namespace longplay {
namespace {

constexpr int64_t kHeads = 4, kShared = 2, kHeadWidth = 3;

struct Token {
  torch::Tensor q, k, v;  // [1, H or G, n, K]
};

/// One chain of the cache and the same as the specification computes it, from all its tokens.
class Chain {
 public:
  Token Next(int64_t n) {
    const auto draw = [&](int64_t heads) {
      return torch::randn({1, heads, n, kHeadWidth}, torch::kFloat64);
    };
    const Token token{draw(kHeads), draw(kShared), draw(kShared)};
    k_ = k_.defined() ? torch::cat({k_, token.k}, 2) : token.k;
    v_ = v_.defined() ? torch::cat({v_, token.v}, 2) : token.v;
    return token;
  }
  torch::Tensor Expected(const Token& newest, int64_t span) const {
    return ReferenceAttend(newest.q, k_, v_, {.span = span});
  }
  void Forget() { k_ = v_ = torch::Tensor(); }

 private:
  torch::Tensor k_, v_;
};

/// Three chains that begin anew at different times; steps of `first` and then
/// `later` tokens against the specification.
double LargestError(int64_t window, int64_t first, int64_t later, bool ragged) {
  torch::manual_seed(1);
  KeyValueCache cache(3, {.capacity = 2, .window = window}, /*sinks=*/0);
  std::vector<Chain> chains(3);
  double largest = 0;
  for (int64_t t = 0; t < 40; ++t) {
    for (int64_t i = 0; ragged && i < 3; ++i) {
      if (t % (7 + 5 * i) != 6) continue;
      cache.Forget(i);
      chains[i].Forget();
    }
    std::vector<Token> tokens;
    for (Chain& chain : chains) tokens.push_back(chain.Next(t == 0 ? first : later));
    const auto stacked = [&](torch::Tensor Token::*field) {
      return torch::cat({tokens[0].*field, tokens[1].*field, tokens[2].*field});
    };
    const auto heads = cache.Attend(stacked(&Token::q), stacked(&Token::k), stacked(&Token::v));
    for (int64_t i = 0; i < 3; ++i) {
      const auto expected = chains[i].Expected(tokens[i], window);
      largest = std::max(largest, (heads.narrow(0, i, 1) - expected).abs().max().item<double>());
    }
  }
  return largest;
}

TEST(KeyValueCacheTest, ChainsOfDifferentLengthsAttendAsTheSpecificationDoes) {
  for (const bool ragged : {false, true}) {
    for (const int64_t window : {0, 1, 5, 9, 64}) {
      for (const int64_t n : {1, 3}) {
        // Residuals measured: 1e-15.
        EXPECT_LT(LargestError(window, n, n, ragged), 1e-13)
            << "window " << window << ", " << n << " tokens at a time, ragged " << ragged;
      }
    }
  }
}

// A chain's first step has fewer tokens where a step shows the one before it.
TEST(KeyValueCacheTest, MoreTokensAtATimeThanAtFirstAreTakenInTurns) {
  for (const bool ragged : {false, true}) {
    for (const int64_t window : {0, 1, 5, 64}) {
      EXPECT_LT(LargestError(window, 2, 3, ragged), 1e-13) << window << ", ragged " << ragged;
      EXPECT_LT(LargestError(window, 1, 5, ragged), 1e-13) << window << ", ragged " << ragged;
    }
  }
}

TEST(KeyValueCacheTest, MemoryOfAWindowDoesNotGrow) {
  KeyValueCache cache(2, {.window = 32}, /*sinks=*/0);
  const auto q = torch::randn({2, kHeads, 1, kHeadWidth}), k = q.narrow(1, 0, kShared);
  int64_t largest = 0;
  for (int64_t t = 0; t < 200; ++t) {
    cache.Attend(q, k, k);
    largest = std::max(largest, cache.bytes());
  }
  EXPECT_EQ(largest, 2 * 2 * kShared * 32 * kHeadWidth * 4);
}

TEST(KeyValueCacheTest, SelectedChainsGoOnAsIfTheOthersHadNeverBeenThere) {
  torch::manual_seed(2);
  KeyValueCache all(3, {}, 0), alone(1, {}, 0);
  for (int64_t t = 0; t < 6; ++t) {
    const auto q = torch::randn({3, kHeads, 1, kHeadWidth}, torch::kFloat64);
    const auto k = q.narrow(1, 0, kShared);
    all.Attend(q, k, k);
    alone.Attend(q.narrow(0, 2, 1), k.narrow(0, 2, 1), k.narrow(0, 2, 1));
  }
  all.Select(torch::tensor({2}));
  const auto q = torch::randn({1, kHeads, 1, kHeadWidth}, torch::kFloat64);
  const auto k = q.narrow(1, 0, kShared);
  EXPECT_LT((all.Attend(q, k, k) - alone.Attend(q, k, k)).abs().max().item<double>(), 1e-14);
}

}  // namespace
}  // namespace longplay
