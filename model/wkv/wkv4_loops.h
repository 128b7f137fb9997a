// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

namespace longplay {

// The loops of model/wkv/wkv4.h on one CPU thread, for some channels of one sequence. Arrays
// [.., D] are contiguous; pointers to channel 0. Scalar is float or double.

/// [tokens] between two kept states.
inline constexpr int64_t kWkv4Chunk = 64;

template <typename Scalar>
struct Wkv4Sequence {
  int64_t T, D;
  int64_t first, last;      // channels to work on, first <= channel < last
  const Scalar *w, *u;      // [D] log of the decay of a token, log weight of the newest one
  const Scalar *k, *v;      // [T, D]
  const bool* starts;       // [T], true = nothing before this token is seen; may be null
  const Scalar *a, *b, *p;  // [D] state before the first token, see Wkv4State
};

template <typename Scalar>
struct Wkv4Result {
  Scalar* y;          // [T, D]
  Scalar *a, *b, *p;  // [D] state behind the last token
  Scalar* kept;       // [ceil(T / chunk), 3, D] the state before each chunk; null = none
};
template <typename Scalar>
void Wkv4Forward(const Wkv4Sequence<Scalar>& sequence, const Wkv4Result<Scalar>& result);

template <typename Scalar>
struct Wkv4Gradients {
  const Scalar* y;                    // [T, D] gradient of y
  const Scalar* kept;                 // of Wkv4Forward
  const Scalar *last_a, *last_b, *p;  // [D] gradients of the last state's a and b; its p
  Scalar *k, *v;                      // [T, D] out
  Scalar *w, *u, *a, *b;              // [D] out; the last two: of the first state
};
template <typename Scalar>
void Wkv4Backward(const Wkv4Sequence<Scalar>& sequence, const Wkv4Gradients<Scalar>& gradients);

}  // namespace longplay
