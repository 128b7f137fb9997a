// SPDX-License-Identifier: MIT
#pragma once

#include "runtime/kernels/kernels.h"
#include "runtime/kernels/vector_math.h"

namespace longplay::runtime {

// One token's step of each recurrence. States lie so that neighbouring numbers share all that they
// are multiplied with: no sum runs over the lanes of a vector.

template <typename L>
void Scan(const ScanStep& step) {
  const int64_t E = step.channels;
  ForVectors<L>(E, [&](const auto& load, const auto& store) LONGPLAY_LANES_LAMBDA {
    const FloatsOf<L> delta = load(step.delta), x = load(step.x);
    FloatsOf<L> y = load(step.d) * x;
    for (int64_t s = 0; s < step.size; ++s) {
      const FloatsOf<L> decay = Exp<L>(delta * load(step.rates + s * E));
      const FloatsOf<L> state = decay * load(step.state + s * E) + delta * x * step.b[s];
      store(step.state + s * E, state);
      y += state * step.c[s];
    }
    store(step.y, y);
  });
}

template <typename L>
void Dual(const DualStep& step) {
  const int64_t K = step.width;
  ForVectors<L>(K, [&](const auto& load, const auto& store) LONGPLAY_LANES_LAMBDA {
    const FloatsOf<L> x = load(step.x), scaled = x * step.delta;
    FloatsOf<L> y = x * step.d;
    for (int64_t s = 0; s < step.size; ++s) {
      const FloatsOf<L> state = load(step.state + s * K) * step.decay + scaled * step.b[s];
      store(step.state + s * K, state);
      y += state * step.c[s];
    }
    store(step.y, y);
  });
}

template <typename L>
void Delta(const DeltaStep& step) {
  const int64_t K = step.width;
  // S <- S diag(w) + (S a) b^T + v k^T, y = S r; row j of the state holds key j's values.
  ForVectors<L>(K, [&](const auto& load, const auto& store) LONGPLAY_LANES_LAMBDA {
    FloatsOf<L> removed{};
    for (int64_t j = 0; j < K; ++j) removed += load(step.state + j * K) * step.a[j];
    const FloatsOf<L> v = load(step.v);
    FloatsOf<L> y{};
    for (int64_t j = 0; j < K; ++j) {
      const FloatsOf<L> state =
          load(step.state + j * K) * step.w[j] + removed * step.b[j] + v * step.k[j];
      store(step.state + j * K, state);
      y += state * step.r[j];
    }
    store(step.y, y);
  });
}

template <typename L>
void Decay(const DecayStep& step) {
  ForVectors<L>(step.width, [&](const auto& load, const auto& store) LONGPLAY_LANES_LAMBDA {
    const FloatsOf<L> k = load(step.k), v = load(step.v);
    const FloatsOf<L> sums = load(step.sums), weights = load(step.weights),
                      last = load(step.largest);
    // y: the state before the token, and the token itself with weight e^(u + k).
    const FloatsOf<L> first = load(step.first) + k;
    FloatsOf<L> largest = Larger<L>(last, first);
    FloatsOf<L> before = Exp<L>(last - largest), own = Exp<L>(first - largest);
    store(step.y, (before * sums + own * v) / (before * weights + own));
    // The state behind it: decayed by e^w, plus the token with weight e^k.
    const FloatsOf<L> decayed = last + load(step.decay);
    largest = Larger<L>(decayed, k);
    before = Exp<L>(decayed - largest);
    own = Exp<L>(k - largest);
    store(step.sums, before * sums + own * v);
    store(step.weights, before * weights + own);
    store(step.largest, largest);
  });
}

template <typename L>
void Convolve(const ConvolutionStep& step) {
  const int64_t C = step.channels, W = step.width;
  ForVectors<L>(C, [&](const auto& load, const auto& store) LONGPLAY_LANES_LAMBDA {
    const FloatsOf<L> x = load(step.x);
    FloatsOf<L> sum = load(step.bias) + x * load(step.weights + (W - 1) * C);
    // The window moves up by one token while it is read.
    for (int64_t j = 0; j + 1 < W; ++j) {
      const FloatsOf<L> past = load(step.window + j * C);
      sum += past * load(step.weights + j * C);
      if (j > 0) store(step.window + (j - 1) * C, past);
    }
    if (W > 1) store(step.window + (W - 2) * C, x);
    store(step.y, sum * Sigmoid<L>(sum));
  });
}

template <typename L>
void SlotMemory(const float* k, const float* v, const float* q, int64_t slots, int64_t width,
                float* sums, float* y) {
  ForVectors<L>(width, [&](const auto& load, const auto& store) LONGPLAY_LANES_LAMBDA {
    const FloatsOf<L> value = load(v);
    FloatsOf<L> read{};
    for (int64_t s = 0; s < slots; ++s) {
      const FloatsOf<L> sum = load(sums + s * width) + value * k[s];
      store(sums + s * width, sum);
      read += sum * q[s];
    }
    store(y, read);
  });
}

}  // namespace longplay::runtime
