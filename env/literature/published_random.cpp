// SPDX-License-Identifier: MIT
#include "env/literature/published_random.h"

#include <bit>
#include <numeric>
#include <utility>

namespace longplay {

MersenneTwister::MersenneTwister(uint32_t seed) {
  words_[0] = seed;
  for (uint32_t i = 1; i < kWords; ++i) {
    words_[i] = 1812433253U * (words_[i - 1] ^ (words_[i - 1] >> 30)) + i;
  }
}

MersenneTwister MersenneTwister::OfNumpy(uint32_t seed) { return MersenneTwister(seed); }

// The reference's init_by_array with the seed as its only word.
MersenneTwister MersenneTwister::OfPython(uint32_t seed) {
  MersenneTwister twister(19650218U);
  auto& words = twister.words_;
  // The word before; from the last one on, the first takes its value.
  uint32_t i = 1;
  const auto mix = [&](uint32_t factor, uint32_t added) {
    words[i] = (words[i] ^ ((words[i - 1] ^ (words[i - 1] >> 30)) * factor)) + added;
    if (++i == kWords) {
      words[0] = words[kWords - 1];
      i = 1;
    }
  };
  for (int k = 0; k < kWords; ++k) mix(1664525U, seed);
  for (int k = 0; k < kWords - 1; ++k) mix(1566083941U, 0U - i);
  words[0] = 0x80000000U;
  return twister;
}

uint32_t MersenneTwister::Next() {
  // All words at once when they are used up.
  if (next_ == kWords) {
    for (int i = 0; i < kWords; ++i) {
      const uint32_t y = (words_[i] & 0x80000000U) | (words_[(i + 1) % kWords] & 0x7fffffffU);
      words_[i] = words_[(i + 397) % kWords] ^ (y >> 1) ^ ((y & 1U) != 0 ? 0x9908b0dfU : 0U);
    }
    next_ = 0;
  }
  uint32_t y = words_[next_++];
  y ^= y >> 11;
  y ^= (y << 7) & 0x9d2c5680U;
  y ^= (y << 15) & 0xefc60000U;
  return y ^ (y >> 18);
}

double MersenneTwister::Uniform(double low, double high) {
  const double upper = Next() >> 5, lower = Next() >> 6;
  return low + (high - low) * ((upper * 0x1p26 + lower) / 0x1p53);
}

std::vector<int64_t> ShuffledByNumpy(uint32_t seed, int64_t count) {
  MersenneTwister twister = MersenneTwister::OfNumpy(seed);
  std::vector<int64_t> order(count);
  std::iota(order.begin(), order.end(), 0);
  for (int64_t i = count - 1; i > 0; --i) {
    // As many low bits as i has; again while they are more than i.
    const uint32_t mask = std::bit_ceil(static_cast<uint32_t>(i) + 1U) - 1U;
    uint32_t j = 0;
    do {
      j = twister.Next() & mask;
    } while (j > i);
    std::swap(order[i], order[j]);
  }
  return order;
}

std::vector<int64_t> ShuffledByPython(uint32_t seed, int64_t count) {
  MersenneTwister twister = MersenneTwister::OfPython(seed);
  std::vector<int64_t> order(count);
  std::iota(order.begin(), order.end(), 0);
  for (int64_t i = count - 1; i > 0; --i) {
    // As many high bits as i + 1 has.
    const int bits = std::bit_width(static_cast<uint32_t>(i) + 1U);
    uint32_t j = 0;
    do {
      j = twister.Next() >> (32 - bits);
    } while (j > i);
    std::swap(order[i], order[j]);
  }
  return order;
}

}  // namespace longplay
