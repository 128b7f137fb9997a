// SPDX-License-Identifier: MIT
#include "model/wkv4_kernel.h"

#include <algorithm>

#include "model/kernel_exponential.h"
#include "model/vector_kernel.h"

namespace longplay {
namespace {

/// Two positive numbers x e^p and y e^q are added as (x f + y g) e^max(p, q): one factor is 1.
template <typename Scalar>
struct Factors {
  Scalar largest, f, g;
};

template <typename Scalar>
LONGPLAY_INLINE Factors<Scalar> Align(Scalar p, Scalar q) {
  const Scalar difference = p - q;
  const Scalar smaller = KernelExp(difference < 0 ? difference : -difference);
  return {difference < 0 ? q : p, difference < 0 ? smaller : Scalar{1},
          difference < 0 ? Scalar{1} : smaller};
}

constexpr float kNothing = -1e38F;  // exponent of a state that holds nothing

/// [3, D] of one kept state.
template <typename Scalar>
LONGPLAY_INLINE void CopyState(const Wkv4Sequence<Scalar>& s, Scalar* to) {
  LONGPLAY_INDEPENDENT
  for (int64_t c = s.first; c < s.last; ++c) {
    to[c] = s.a[c];
    to[s.D + c] = s.b[c];
    to[2 * s.D + c] = s.p[c];
  }
}

template <typename Scalar>
LONGPLAY_INLINE void ForgetState(const Wkv4Sequence<Scalar>& s) {
  LONGPLAY_INDEPENDENT
  for (int64_t c = s.first; c < s.last; ++c) {
    s.a[c] = s.b[c] = 0;
    s.p[c] = kNothing;
  }
}

/// The state behind a token, from the one before it.
template <typename Scalar>
LONGPLAY_INLINE void Advance(Scalar w, Scalar k, Scalar v, Scalar& a, Scalar& b, Scalar& p) {
  const auto [largest, f, g] = Align(w + p, k);
  a = f * a + g * v;
  b = f * b + g;
  p = largest;
}

template <typename Scalar>
LONGPLAY_INLINE void ForwardLoop(const Wkv4Sequence<Scalar>& s, Scalar* y, Scalar* kept) {
  const Scalar* w = s.w;
  const Scalar* u = s.u;
  Scalar* a = s.a;
  Scalar* b = s.b;
  Scalar* p = s.p;
  for (int64_t t = 0; t < s.T; ++t) {
    if (kept != nullptr && t % kWkv4Chunk == 0) CopyState(s, kept + t / kWkv4Chunk * 3 * s.D);
    if (s.starts != nullptr && s.starts[t]) ForgetState(s);
    const Scalar* k = s.k + t * s.D;
    const Scalar* v = s.v + t * s.D;
    Scalar* out = y + t * s.D;
    LONGPLAY_INDEPENDENT
    for (int64_t c = s.first; c < s.last; ++c) {
      const auto [largest, f, g] = Align(p[c], u[c] + k[c]);
      out[c] = (f * a[c] + g * v[c]) / (f * b[c] + g);
      Advance(w[c], k[c], v[c], a[c], b[c], p[c]);
    }
  }
}

/// The states before each token of a chunk, [3, chunk, channels], from the one kept before it.
template <typename Scalar>
LONGPLAY_INLINE void StatesAgain(const Wkv4Sequence<Scalar>& s, const Scalar* kept, int64_t first,
                                 int64_t last, Scalar* scratch) {
  const int64_t channels = s.last - s.first, plane = kWkv4Chunk * channels;
  LONGPLAY_INDEPENDENT
  for (int64_t c = s.first; c < s.last; ++c) {
    s.a[c] = kept[c];
    s.b[c] = kept[s.D + c];
    s.p[c] = kept[2 * s.D + c];
  }
  for (int64_t t = first; t < last; ++t) {
    if (s.starts != nullptr && s.starts[t]) ForgetState(s);
    const Scalar* k = s.k + t * s.D + s.first;
    const Scalar* v = s.v + t * s.D + s.first;
    const Scalar* w = s.w + s.first;
    Scalar* a = s.a + s.first;
    Scalar* b = s.b + s.first;
    Scalar* p = s.p + s.first;
    Scalar* row = scratch + (t - first) * channels;
    LONGPLAY_INDEPENDENT
    for (int64_t c = 0; c < channels; ++c) {
      row[c] = a[c];
      row[plane + c] = b[c];
      row[2 * plane + c] = p[c];
      Advance(w[c], k[c], v[c], a[c], b[c], p[c]);
    }
  }
}

/// Gradients of the tokens of a chunk, from the last to the first. The gradients of the state that
/// they pass on are ga e^m and gb e^m, for the true numerator a e^p and denominator b e^p.
template <typename Scalar>
LONGPLAY_INLINE void BackwardChunk(const Wkv4Sequence<Scalar>& s, const Wkv4Gradients<Scalar>& g,
                                   int64_t first, int64_t last) {
  const int64_t channels = s.last - s.first, plane = kWkv4Chunk * channels;
  const Scalar* w = s.w + s.first;
  const Scalar* u = s.u + s.first;
  Scalar* grad_w = g.w + s.first;
  Scalar* grad_u = g.u + s.first;
  Scalar* ga = g.a + s.first;
  Scalar* gb = g.b + s.first;
  Scalar* m = g.m + s.first;
  for (int64_t t = last - 1; t >= first; --t) {
    const int64_t row = t * s.D + s.first;
    const Scalar* k = s.k + row;
    const Scalar* v = s.v + row;
    const Scalar* grad_y = g.y + row;
    const Scalar* a = g.scratch + (t - first) * channels;
    const Scalar* b = a + plane;
    const Scalar* p = b + plane;
    Scalar* grad_k = g.k + row;
    Scalar* grad_v = g.v + row;
    LONGPLAY_INDEPENDENT
    for (int64_t c = 0; c < channels; ++c) {
      const auto [q, f, newest] = Align(p[c], u[c] + k[c]);
      const Scalar denominator = f * b[c] + newest;
      const Scalar y = (f * a[c] + newest * v[c]) / denominator;
      const Scalar share = grad_y[c] / denominator;  // e^q times the gradient of the numerator
      const Scalar own = share * newest * (v[c] - y);
      const Scalar later = KernelExp(k[c] + m[c]);
      grad_v[c] = share * newest + later * ga[c];
      grad_k[c] = own + later * (ga[c] * v[c] + gb[c]);
      grad_u[c] += own;
      grad_w[c] += KernelExp(w[c] + m[c] + p[c]) * (ga[c] * a[c] + gb[c] * b[c]);
      const auto [largest, passed, added] = Align(w[c] + m[c], -q);
      ga[c] = passed * ga[c] + added * share;
      gb[c] = passed * gb[c] - added * share * y;
      m[c] = largest;
    }
    if (s.starts != nullptr && s.starts[t]) {
      LONGPLAY_INDEPENDENT
      for (int64_t c = 0; c < channels; ++c) {
        ga[c] = gb[c] = 0;
        m[c] = kNothing;
      }
    }
  }
}

template <typename Scalar>
LONGPLAY_INLINE void BackwardLoop(const Wkv4Sequence<Scalar>& s, const Wkv4Gradients<Scalar>& g) {
  for (int64_t chunk = (s.T + kWkv4Chunk - 1) / kWkv4Chunk - 1; chunk >= 0; --chunk) {
    const int64_t first = chunk * kWkv4Chunk, last = std::min(s.T, first + kWkv4Chunk);
    StatesAgain(s, g.kept + chunk * 3 * s.D, first, last, g.scratch);
    BackwardChunk(s, g, first, last);
  }
  const Scalar* p = g.kept + 2 * s.D;
  LONGPLAY_INDEPENDENT
  for (int64_t c = s.first; c < s.last; ++c) {
    const Scalar scale = KernelExp(g.m[c] + p[c]);
    g.a[c] *= scale;
    g.b[c] *= scale;
  }
}

}  // namespace

template <>
LONGPLAY_VECTOR_CLONES void Wkv4Forward(const Wkv4Sequence<float>& sequence, float* y,
                                        float* kept) {
  ForwardLoop(sequence, y, kept);
}

template <>
LONGPLAY_VECTOR_CLONES void Wkv4Forward(const Wkv4Sequence<double>& sequence, double* y,
                                        double* kept) {
  ForwardLoop(sequence, y, kept);
}

template <>
LONGPLAY_VECTOR_CLONES void Wkv4Backward(const Wkv4Sequence<float>& sequence,
                                         const Wkv4Gradients<float>& gradients) {
  BackwardLoop(sequence, gradients);
}

template <>
LONGPLAY_VECTOR_CLONES void Wkv4Backward(const Wkv4Sequence<double>& sequence,
                                         const Wkv4Gradients<double>& gradients) {
  BackwardLoop(sequence, gradients);
}

}  // namespace longplay
