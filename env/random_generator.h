// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstdint>
#include <numbers>
#include <span>

namespace longplay {

struct EnvironmentSpec;

/// SplitMix64: small, and the same numbers from the same seed with every standard library.
/// Source: Steele, Lea and Flood, OOPSLA 2014, doi 10.1145/2660193.2660195.
class RandomGenerator {
 public:
  /// Streams of one seed are unrelated: a goal and a start drawn with equal seeds share nothing.
  enum class Stream : uint64_t { kChain = 1, kEpisode = 2, kLearner = 3 };

  RandomGenerator(uint64_t seed, Stream stream)
      : seed_(seed), state_(Mix(Mix(seed) + static_cast<uint64_t>(stream))) {}

  uint64_t seed() const { return seed_; }
  /// Where it stands; with it one of the same seed and stream goes on from there.
  uint64_t state() const { return state_; }
  void set_state(uint64_t state) { state_ = state; }

  uint64_t Next() { return Mix(state_ += kGamma); }

  /// In [low, high).
  double Uniform(double low, double high) {
    return low + (high - low) * (static_cast<double>(Next() >> 11) * 0x1.0p-53);
  }

  /// Standard normal (Box and Muller; the second value is not kept).
  double Normal() {
    const double radius = std::sqrt(-2 * std::log(1 - Uniform(0, 1)));
    return radius * std::cos(Uniform(0, 2 * std::numbers::pi));
  }

  /// In 0 ... count - 1; the bias of the remainder is below count / 2^64.
  int64_t Index(int64_t count) {
    return static_cast<int64_t>(Next() % static_cast<uint64_t>(count));
  }

 private:
  static constexpr uint64_t kGamma = 0x9e3779b97f4a7c15;

  static uint64_t Mix(uint64_t z) {
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }

  uint64_t seed_, state_;
};

/// Draws an action [action_columns()] uniformly within the bounds or among the choices.
void DrawAction(const EnvironmentSpec& spec, RandomGenerator& random, std::span<double> action);

}  // namespace longplay
