// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

namespace longplay {

/// 64 bits for the place `counter` in a stream that begins at `seed`: nested calls name nested
/// places (step, then chain, then token ...). Neighbouring places give unrelated bits.
/// Source: splitmix64, https://prng.di.unimi.it/splitmix64.c.
inline uint64_t CounterSeed(uint64_t seed, uint64_t counter) {
  uint64_t z = seed + (counter + 1) * 0x9e3779b97f4a7c15;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

}  // namespace longplay
