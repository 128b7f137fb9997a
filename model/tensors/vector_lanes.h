// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>
#include <memory>
#include <vector>

namespace longplay {

// Neighbouring channels worked on side by side: 32 bytes of numbers in one variable (GCC's and
// Clang's vector extension; the compiler splits them where registers are narrower). Everything here
// is inlined, so that it is compiled for the machine of the function that uses it.

using FloatLanes = float __attribute__((vector_size(32)));
using DoubleLanes = double __attribute__((vector_size(32)));
template <typename T>
struct LanesOf;
template <>
struct LanesOf<float> {
  using Type = FloatLanes;
};
template <>
struct LanesOf<double> {
  using Type = DoubleLanes;
};
template <typename T>
using Lanes = typename LanesOf<T>::Type;
template <typename T>
inline constexpr int64_t kLanes = 32 / sizeof(T);

#if defined(__x86_64__)
#define LONGPLAY_AVX2 [[gnu::target("avx2,fma")]]
#else
#define LONGPLAY_AVX2
#endif
#define LONGPLAY_INLINE [[gnu::always_inline]] inline
#define LONGPLAY_INLINED __attribute__((always_inline))  // behind a lambda's parameters

/// Whether this machine runs functions marked LONGPLAY_AVX2.
inline bool HasAvx2() {
#if defined(__x86_64__)
  static const bool has = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  return has;
#else
  return false;
#endif
}

template <typename Body>
LONGPLAY_AVX2 void RunOnAvx2(const Body& body) {
  body();
}

/// body(), a lambda that is LONGPLAY_INLINED: compiled for any machine and for AVX2, and run as
/// this machine can.
template <typename Body>
void RunOnLanes(const Body& body) {
  if (HasAvx2()) {
    RunOnAvx2(body);
  } else {
    body();
  }
}

/// `size` lanes in memory, zero at first. (std::vector forgets how vector types must be aligned.)
template <typename T>
class LaneBuffer {
 public:
  explicit LaneBuffer(int64_t size) : memory_((size + 1) * kLanes<T>) {
    void* start = memory_.data();
    size_t space = memory_.size() * sizeof(T);
    lanes_ = static_cast<Lanes<T>*>(std::align(sizeof(Lanes<T>), sizeof(Lanes<T>), start, space));
  }
  LaneBuffer(const LaneBuffer&) = delete;
  LaneBuffer& operator=(const LaneBuffer&) = delete;

  Lanes<T>& operator[](int64_t i) { return lanes_[i]; }

 private:
  std::vector<T> memory_;
  Lanes<T>* lanes_;
};

/// The first `count` <= kLanes numbers at `from`, zeros behind them.
template <typename T>
LONGPLAY_INLINE void Load(const T* from, int64_t count, Lanes<T>& to) {
  if (count == kLanes<T>) {
    std::memcpy(&to, from, sizeof(to));
  } else {
    to = Lanes<T>{};
    std::memcpy(&to, from, static_cast<size_t>(count) * sizeof(T));
  }
}

template <typename T>
LONGPLAY_INLINE void Store(const Lanes<T>& from, int64_t count, T* to) {
  if (count == kLanes<T>) {
    std::memcpy(to, &from, sizeof(from));
  } else {
    std::memcpy(to, &from, static_cast<size_t>(count) * sizeof(T));
  }
}

template <typename T>
LONGPLAY_INLINE T SumOf(const Lanes<T>& lanes) {
  T sum = 0;
  for (int64_t i = 0; i < kLanes<T>; ++i) sum += lanes[i];
  return sum;
}

/// e^x to 2 units in the last place; below 2^-126 and above 2^127 the nearest of these two.
/// Source of the polynomial: Cephes, single/expf.c.
LONGPLAY_INLINE void Exponential(const FloatLanes& x, FloatLanes& result) {
  constexpr float kLargest = 88.02F, kSmallest = -87.33F;
  constexpr float kShift = 12582912.0F;  // 1.5 * 2^23: adding it rounds to a whole number
  FloatLanes in = x > kLargest ? kLargest + FloatLanes{} : x;
  in = in < kSmallest ? kSmallest + FloatLanes{} : in;
  const FloatLanes shifted = in * 1.44269504088896341F + kShift;
  const FloatLanes whole = shifted - kShift;
  const FloatLanes rest = (in - whole * 0.693359375F) + whole * 2.12194440e-4F;
  FloatLanes sum = rest * 1.9875691500e-4F + 1.3981999507e-3F;
  sum = sum * rest + 8.3334519073e-3F;
  sum = sum * rest + 4.1665795894e-2F;
  sum = sum * rest + 1.6666665459e-1F;
  sum = sum * rest + 5.0000001201e-1F;
  sum = sum * rest * rest + (rest + 1.0F);
  using Bits = int32_t __attribute__((vector_size(32)));
  Bits exponent, bits;
  std::memcpy(&exponent, &shifted, sizeof(bits));
  std::memcpy(&bits, &sum, sizeof(bits));
  bits += exponent << 23;  // the shift drops all of `shifted` but the whole number
  std::memcpy(&result, &bits, sizeof(bits));
}

LONGPLAY_INLINE void Exponential(const DoubleLanes& x, DoubleLanes& result) {
  for (int64_t i = 0; i < kLanes<double>; ++i) result[i] = std::exp(x[i]);
}

/// 1 / (1 + exp(-x)).
template <typename T>
LONGPLAY_INLINE void Sigmoid(const Lanes<T>& x, Lanes<T>& result) {
  Exponential(-x, result);
  result = 1 / (1 + result);
}

}  // namespace longplay
