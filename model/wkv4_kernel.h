// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

namespace longplay {

// The loops of model/wkv4.h on one CPU thread, for some channels of one sequence. Arrays [.., D]
// are contiguous; pointers to channel 0. Scalar is float or double.

/// Tokens between two kept states.
inline constexpr int64_t kWkv4Chunk = 64;

template <typename Scalar>
struct Wkv4Sequence {
  int64_t T, D;
  int64_t first, last;  // channels to work on, first <= channel < last
  const Scalar *w, *u;  // [D] log of the decay of a token, log weight of the newest one
  const Scalar *k, *v;  // [T, D]
  const bool* starts;   // [T], true = nothing before this token is seen; may be null
  Scalar *a, *b, *p;    // [D] state, see Wkv4State
};

/// y [T, D]. The state is that before the first token; afterwards that behind the last. `kept`
/// [ceil(T / chunk), 3, D] takes the state before each chunk; null = none.
template <typename Scalar>
void Wkv4Forward(const Wkv4Sequence<Scalar>& sequence, Scalar* y, Scalar* kept);

template <typename Scalar>
struct Wkv4Gradients {
  const Scalar* y;     // [T, D] gradient of y
  const Scalar* kept;  // of Wkv4Forward
  Scalar *k, *v;       // [T, D] out
  Scalar *w, *u;       // [D] added to
  Scalar *a, *b;       // [D] in: of the last state's a and b; out: of the first one's
  Scalar* m;           // [D] in: minus the p of the last state; overwritten
  Scalar* scratch;     // 3 * chunk * (last - first) numbers
};

/// The sequence's state is scratch here; its starts, w, u, k, v are those of Wkv4Forward.
template <typename Scalar>
void Wkv4Backward(const Wkv4Sequence<Scalar>& sequence, const Wkv4Gradients<Scalar>& gradients);

}  // namespace longplay
