// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

namespace longplay {

// The loops of model/wkv/wkv7.h on one CPU thread, for one head of one sequence. Scalar is float or
// double. A token's K numbers are contiguous, the next token's stand `stride` numbers later.

/// Tokens between two kept states.
inline constexpr int64_t kWkv7Chunk = 32;
/// Rows of the state that backward works on at a time: what it recomputes fits the second cache.
inline constexpr int64_t kWkv7Rows = 16;

template <typename Scalar>
struct Wkv7Head {
  int64_t T, K, stride;
  const Scalar *r, *w, *k, *v, *a, *b;  // T rows of K, see Wkv7Input
  const bool* starts;                   // [T], true = nothing before this token is seen; or null
};

/// Rows [first, last) of the state and of y. y: T rows of K; the state [K, K] is that before the
/// first token, afterwards that behind the last. `kept` takes the state before each chunk, chunk i
/// at kept + i * kept_stride; null = none.
template <typename Scalar>
struct Wkv7Result {
  int64_t first, last, kept_stride;
  Scalar *y, *state, *kept;
};
template <typename Scalar>
void Wkv7Forward(const Wkv7Head<Scalar>& head, const Wkv7Result<Scalar>& result);

/// Of all rows. Gradients of tokens are added to.
template <typename Scalar>
struct Wkv7Gradients {
  int64_t kept_stride;
  const Scalar *y, *kept;         // T rows of K gradient of y; the states of Wkv7Forward
  Scalar *r, *w, *k, *v, *a, *b;  // T rows of K
  Scalar* state;                  // [K, K] in: of the last state; out: of the first one
  Scalar* scratch;                // Wkv7Scratch(K) zeros; overwritten
};
inline int64_t Wkv7Scratch(int64_t K) {
  return (kWkv7Chunk + 2) * kWkv7Rows * K + kWkv7Chunk * kWkv7Rows;
}
template <typename Scalar>
void Wkv7Backward(const Wkv7Head<Scalar>& head, const Wkv7Gradients<Scalar>& gradients);

}  // namespace longplay
