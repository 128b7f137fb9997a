// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <cstring>

// Included by one source for each set of instructions, which is compiled for that set: everything
// here is a template over its Lanes, a type of that source alone, so that no two sets share a
// function. Lanes has:
//
//   kLanes                        floats in a vector
//   Load(const float*), Load(const uint16_t* halves), Load(const int8_t*)
//
// Vectors are the compiler's own (GCC, Clang): + - * / and comparisons work lane by lane.

#define LONGPLAY_LANES_INLINE inline __attribute__((always_inline))
#define LONGPLAY_LANES_LAMBDA __attribute__((always_inline))

namespace longplay::runtime {

template <int kCount>
struct VectorsOf {
  typedef float Float __attribute__((vector_size(4 * kCount)));
  typedef int32_t Whole __attribute__((vector_size(4 * kCount)));
};

template <typename L>
using FloatsOf = typename VectorsOf<L::kLanes>::Float;
template <typename L>
using WholesOf = typename VectorsOf<L::kLanes>::Whole;

template <typename L>
LONGPLAY_LANES_INLINE FloatsOf<L> Spread(float x) {
  return FloatsOf<L>{} + x;
}
template <typename L>
LONGPLAY_LANES_INLINE FloatsOf<L> LoadFloats(const float* from) {
  FloatsOf<L> x;
  std::memcpy(&x, from, sizeof x);
  return x;
}
template <typename L>
LONGPLAY_LANES_INLINE void Store(float* to, FloatsOf<L> x) {
  std::memcpy(to, &x, sizeof x);
}
template <typename L>
LONGPLAY_LANES_INLINE float SumOf(FloatsOf<L> x) {
  float sum = 0;
  for (int i = 0; i < L::kLanes; ++i) sum += x[i];
  return sum;
}
template <typename L>
LONGPLAY_LANES_INLINE float LargestOf(FloatsOf<L> x) {
  float largest = x[0];
  for (int i = 1; i < L::kLanes; ++i) largest = x[i] > largest ? x[i] : largest;
  return largest;
}
template <typename L>
LONGPLAY_LANES_INLINE FloatsOf<L> Larger(FloatsOf<L> x, FloatsOf<L> y) {
  return x > y ? x : y;
}

/// e^x, 0 below -87.3 (so of -infinity), finite above 88.3. Error: 2 units in the last place.
template <typename L>
LONGPLAY_LANES_INLINE FloatsOf<L> Exp(FloatsOf<L> x) {
  using F = FloatsOf<L>;
  using W = WholesOf<L>;
  const W is_zero = x < Spread<L>(-87.3F);
  x = x > Spread<L>(88.3F) ? Spread<L>(88.3F) : x;
  x = is_zero ? F{} : x;
  // x = n ln 2 + r: adding 1.5 * 2^23 rounds to whole numbers. ln 2 in two parts, n times the first
  // is exact.
  const F shifted = x * 1.44269504F + 12582912.0F;
  const F n = shifted - 12582912.0F;
  F r = x - n * 0.693145751953125F;
  r = r - n * 1.42860682e-6F;
  // Taylor's series: its rest is below 6e-9 for |r| < 0.347.
  F sum = r * (1.0F / 5040) + 1.0F / 720;
  sum = sum * r + 1.0F / 120;
  sum = sum * r + 1.0F / 24;
  sum = sum * r + 1.0F / 6;
  sum = sum * r + 0.5F;
  sum = sum * r + 1.0F;
  sum = sum * r + 1.0F;
  // 2^n by the exponent's bits.
  W bits;
  std::memcpy(&bits, &shifted, sizeof bits);
  bits = (bits - 0x4B400000 + 127) << 23;
  F power;
  std::memcpy(&power, &bits, sizeof power);
  return is_zero ? F{} : sum * power;
}

/// 1 / (1 + e^-x).
template <typename L>
LONGPLAY_LANES_INLINE FloatsOf<L> Sigmoid(FloatsOf<L> x) {
  return 1.0F / (1.0F + Exp<L>(-x));
}

/// Absolute error 2e-7.
template <typename L>
LONGPLAY_LANES_INLINE FloatsOf<L> Tanh(FloatsOf<L> x) {
  return 1.0F - 2.0F / (1.0F + Exp<L>(x * 2.0F));
}

/// The error function's complement for x >= 0, relative error 2e-7.
/// Source: W. Press and others, Numerical Recipes in C, 2nd edition, section 6.2.
template <typename L>
LONGPLAY_LANES_INLINE FloatsOf<L> ErrorComplement(FloatsOf<L> x) {
  using F = FloatsOf<L>;
  const F t = 1.0F / (1.0F + 0.5F * x);
  F sum = t * 0.17087277F - 0.82215223F;
  sum = sum * t + 1.48851587F;
  sum = sum * t - 1.13520398F;
  sum = sum * t + 0.27886807F;
  sum = sum * t - 0.18628806F;
  sum = sum * t + 0.09678418F;
  sum = sum * t + 0.37409196F;
  sum = sum * t + 1.00002368F;
  sum = sum * t - 1.26551223F;
  return t * Exp<L>(sum - x * x);
}

/// x P(X <= x) of a normal X.
template <typename L>
LONGPLAY_LANES_INLINE FloatsOf<L> Gelu(FloatsOf<L> x) {
  using F = FloatsOf<L>;
  const F size = x < F{} ? -x : x;
  const F tail = 0.5F * ErrorComplement<L>(size * 0.707106781F);  // P(X > |x|)
  return x * (x < F{} ? tail : 1.0F - tail);
}

template <typename L>
LONGPLAY_LANES_INLINE FloatsOf<L> GeluTanh(FloatsOf<L> x) {
  return 0.5F * x * (1.0F + Tanh<L>(0.797884561F * (x + 0.044715F * x * x * x)));
}

/// body(offset, load, store) for whole vectors, then for what is left of `count`: load(from) reads
/// from[offset ..], lanes behind the end are zero; store(to, x) writes.
template <typename L, typename Body>
LONGPLAY_LANES_INLINE void ForVectors(int64_t count, const Body& body) {
  using F = FloatsOf<L>;
  int64_t i = 0;
  for (; i + L::kLanes <= count; i += L::kLanes) {
    body([i](const float* from) LONGPLAY_LANES_LAMBDA { return LoadFloats<L>(from + i); },
         [i](float* to, F x) LONGPLAY_LANES_LAMBDA { Store<L>(to + i, x); });
  }
  if (i == count) return;
  const auto bytes = static_cast<size_t>(count - i) * sizeof(float);
  body(
      [i, bytes](const float* from) LONGPLAY_LANES_LAMBDA {
        F x{};
        std::memcpy(&x, from + i, bytes);
        return x;
      },
      [i, bytes](float* to, F x) LONGPLAY_LANES_LAMBDA { std::memcpy(to + i, &x, bytes); });
}

}  // namespace longplay::runtime
