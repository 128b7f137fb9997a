// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace longplay {

/// The generator that published task lists were drawn with; the tasks' own chance comes from
/// RandomGenerator.
/// Source: MT19937, Matsumoto and Nishimura, doi 10.1145/272991.272995.
class MersenneTwister {
 public:
  /// Seeded as numpy's RandomState(seed).
  static MersenneTwister OfNumpy(uint32_t seed);
  /// Seeded as Python's random.seed(seed).
  static MersenneTwister OfPython(uint32_t seed);

  uint32_t Next();

  /// In [low, high), as RandomState.uniform: 53 bits out of two draws.
  double Uniform(double low, double high);

 private:
  explicit MersenneTwister(uint32_t seed);

  static constexpr int kWords = 624;
  std::array<uint32_t, kWords> words_;
  int next_ = kWords;
};

/// 0 ... count - 1 in the order of numpy's RandomState(seed).shuffle.
std::vector<int64_t> ShuffledByNumpy(uint32_t seed, int64_t count);

/// The same of Python's random.seed(seed), random.shuffle.
std::vector<int64_t> ShuffledByPython(uint32_t seed, int64_t count);

}  // namespace longplay
