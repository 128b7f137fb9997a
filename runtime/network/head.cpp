// SPDX-License-Identifier: MIT
#include "runtime/network/head.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace longplay::runtime {
namespace {

/// A Gaussian's spread stays between these, as in training.
constexpr float kMinLogStd = -5, kMaxLogStd = 2;

/// splitmix64: 64 bits for the place `counter` in a stream that begins at `seed`.
uint64_t SeedAt(uint64_t seed, uint64_t counter) {
  uint64_t z = seed + (counter + 1) * 0x9e3779b97f4a7c15;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

uint64_t KeyOf(const DrawPlace& place) {
  // Nested: the seed, optimiser step 0 (acting is none), the chain, the decision.
  const uint64_t chain = SeedAt(SeedAt(place.seed, 0), static_cast<uint64_t>(place.chain));
  const uint64_t key = SeedAt(chain, static_cast<uint64_t>(place.decision));
  return place.sample < 0 ? key : SeedAt(key, static_cast<uint64_t>(place.sample));
}

/// Between 0 and 1, both excluded: triple32 of key + column, its high half added after one round.
double UniformAt(uint64_t key, uint64_t column) {
  const auto low = static_cast<uint32_t>(key);
  uint32_t x = low + static_cast<uint32_t>(column);
  const uint32_t carried = static_cast<uint32_t>(key >> 32) + (x < low ? 1U : 0U);
  x ^= x >> 17;
  x *= 0xed5ad4bb;
  x ^= x >> 11;
  x += carried;
  x *= 0xac4c1b51;
  x ^= x >> 15;
  x *= 0x31848bab;
  x ^= x >> 14;
  return (static_cast<double>(x) + 0.5) * 0x1p-32;
}

/// Box-Muller: two uniform numbers make one normal number.
double NormalAt(uint64_t key, uint64_t column) {
  return std::sqrt(-2 * std::log(UniformAt(key, 2 * column))) *
         std::cos(2 * std::numbers::pi * UniformAt(key, 2 * column + 1));
}

/// The inverse of the distribution function exp(-exp(-x)).
double GumbelAt(uint64_t key, uint64_t column) {
  return -std::log(-std::log(UniformAt(key, column)));
}

}  // namespace

double GumbelOf(const DrawPlace& place) { return GumbelAt(KeyOf(place), 0); }

void ChooseFromHead(const PolicyFacts& facts, const float* output, const DrawPlace& place,
                    float* action) {
  const int64_t A = facts.action_size;
  const uint64_t key = place.samples ? KeyOf(place) : 0;
  switch (facts.head) {
    case ActingHead::kSquaredError:
      for (int64_t a = 0; a < A; ++a) action[a] = std::tanh(output[a]);
      return;
    case ActingHead::kGaussian:
      for (int64_t a = 0; a < A; ++a) {
        float chosen = output[a];
        if (place.samples) {
          const float log_std = std::clamp(output[A + a], kMinLogStd, kMaxLogStd);
          chosen += std::exp(log_std) * static_cast<float>(NormalAt(key, static_cast<uint64_t>(a)));
        }
        action[a] = std::clamp(chosen, -1.0F, 1.0F);
      }
      return;
    case ActingHead::kCategorical: {
      int64_t best = 0;
      float most = 0;
      for (int64_t a = 0; a < A; ++a) {
        // The largest logit + Gumbel noise is a draw from the softmax.
        float logit = output[a];
        if (place.samples) logit += static_cast<float>(GumbelAt(key, static_cast<uint64_t>(a)));
        if (a > 0 && logit <= most) continue;
        best = a;
        most = logit;
      }
      std::fill_n(action, A, 0.0F);
      action[best] = 1;
      return;
    }
  }
}

}  // namespace longplay::runtime
