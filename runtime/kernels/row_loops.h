// SPDX-License-Identifier: MIT
#pragma once

#include "runtime/kernels/kernels.h"
#include "runtime/kernels/vector_math.h"

namespace longplay::runtime {

/// y = f(x), number by number.
template <typename L, typename F>
LONGPLAY_LANES_INLINE void EachNumber(const float* x, int64_t count, float* y, const F& f) {
  ForVectors<L>(count, [&](const auto& load, const auto& store)
                           LONGPLAY_LANES_LAMBDA { store(y, f(load(x))); });
}

template <typename L>
void GeluOf(const float* x, int64_t count, float* y) {
  EachNumber<L>(x, count, y, [](FloatsOf<L> in) LONGPLAY_LANES_LAMBDA { return Gelu<L>(in); });
}
template <typename L>
void GeluTanhOf(const float* x, int64_t count, float* y) {
  EachNumber<L>(x, count, y, [](FloatsOf<L> in) LONGPLAY_LANES_LAMBDA { return GeluTanh<L>(in); });
}
template <typename L>
void SigmoidOf(const float* x, int64_t count, float* y) {
  EachNumber<L>(x, count, y, [](FloatsOf<L> in) LONGPLAY_LANES_LAMBDA { return Sigmoid<L>(in); });
}
template <typename L>
void ExponentialOf(const float* x, int64_t count, float* y) {
  EachNumber<L>(x, count, y, [](FloatsOf<L> in) LONGPLAY_LANES_LAMBDA { return Exp<L>(in); });
}

template <typename L>
void SiluTimes(const float* x, const float* times, int64_t count, float* y) {
  ForVectors<L>(count, [&](const auto& load, const auto& store) LONGPLAY_LANES_LAMBDA {
    const FloatsOf<L> in = load(x);
    store(y, in * Sigmoid<L>(in) * load(times));
  });
}

template <typename L>
void Mix(const float* x, const float* before, const float* share, int64_t count, float* y) {
  ForVectors<L>(count, [&](const auto& load, const auto& store) LONGPLAY_LANES_LAMBDA {
    const FloatsOf<L> own = load(x);
    store(y, own + (load(before) - own) * load(share));
  });
}

template <typename L>
void Norm(const float* x, int64_t width, const float* weight, const float* bias, float epsilon,
          float* y) {
  const auto n = static_cast<float>(width);
  // Pass 1: the mean. Pass 2: the mean square of what is left. Lanes behind the end hold no number
  // and must not add the mean's square: whole vectors first, then one by one.
  float mean = 0;
  if (bias != nullptr) {
    FloatsOf<L> sum{};
    ForVectors<L>(width,
                  [&](const auto& load, const auto&) LONGPLAY_LANES_LAMBDA { sum += load(x); });
    mean = SumOf<L>(sum) / n;
  }
  FloatsOf<L> squares{};
  int64_t i = 0;
  for (; i + L::kLanes <= width; i += L::kLanes) {
    const FloatsOf<L> from_mean = LoadFloats<L>(x + i) - mean;
    squares += from_mean * from_mean;
  }
  float square = SumOf<L>(squares);
  for (; i < width; ++i) square += (x[i] - mean) * (x[i] - mean);
  const float factor = 1 / __builtin_sqrtf(square / n + epsilon);
  ForVectors<L>(width, [&](const auto& load, const auto& store) LONGPLAY_LANES_LAMBDA {
    const FloatsOf<L> normal = (load(x) - mean) * factor * load(weight);
    store(y, bias == nullptr ? normal : normal + load(bias));
  });
}

}  // namespace longplay::runtime
