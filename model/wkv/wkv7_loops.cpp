// SPDX-License-Identifier: MIT
#include "model/wkv/wkv7_loops.h"

#include <algorithm>

#include "model/tensors/vector_lanes.h"

namespace longplay {
namespace {

/// Lanes in memory, at any address.
template <typename T>
using AnywhereLanes [[gnu::vector_size(32), gnu::aligned(alignof(T)), gnu::may_alias]] = T;

template <typename T>
LONGPLAY_INLINE AnywhereLanes<T>& At(T* p) {
  return *reinterpret_cast<AnywhereLanes<T>*>(p);
}
template <typename T>
LONGPLAY_INLINE const AnywhereLanes<T>& At(const T* p) {
  return *reinterpret_cast<const AnywhereLanes<T>*>(p);
}

/// Rows that are worked on together: enough independent sums to keep the multipliers busy.
constexpr int64_t kTogether = 4;

/// kTogether rows of the state behind a token, from those before it. `y` is what the token reads
/// from each, `removed` what it took out: the row before it times a.
template <typename Scalar>
LONGPLAY_INLINE void Advance(const Wkv7Head<Scalar>& h, int64_t token, const Scalar* v,
                             Scalar* rows, Scalar* y, Scalar* removed) {
  const int64_t K = h.K;
  const Scalar *r = h.r + token, *w = h.w + token, *k = h.k + token;
  const Scalar *a = h.a + token, *b = h.b + token;
  // Pass 1: what the token takes out, S_(t-1) a.
  Lanes<Scalar> before[kTogether] = {}, read[kTogether] = {};
  for (int64_t j = 0; j < K; j += kLanes<Scalar>) {
    for (int i = 0; i < kTogether; ++i) before[i] += At(rows + i * K + j) * At(a + j);
  }
  Scalar sums[kTogether], values[kTogether];
  for (int i = 0; i < kTogether; ++i) {
    sums[i] = SumOf<Scalar>(before[i]);
    values[i] = v[i];
  }
  for (int64_t j = 0; j < K; j += kLanes<Scalar>) {
    // Pass 2: S_t = S_(t-1) w + removed b^T + v k^T, read at once: y = S_t r.
    const Lanes<Scalar> decay = At(w + j), key = At(k + j), back = At(b + j), reader = At(r + j);
    for (int i = 0; i < kTogether; ++i) {
      const Lanes<Scalar> next = At(rows + i * K + j) * decay + (sums[i] * back + values[i] * key);
      read[i] += next * reader;
      At(rows + i * K + j) = next;
    }
  }
  for (int i = 0; i < kTogether; ++i) {
    y[i] = SumOf<Scalar>(read[i]);
    removed[i] = sums[i];
  }
}

template <typename Scalar>
LONGPLAY_INLINE void ForwardLoop(const Wkv7Head<Scalar>& h, const Wkv7Result<Scalar>& out) {
  Scalar* state = out.state + out.first * h.K;
  const int64_t numbers = (out.last - out.first) * h.K;
  Scalar removed[kTogether];
  for (int64_t t = 0; t < h.T; ++t) {
    // Before a start clears it, as backward clears it again.
    if (out.kept != nullptr && t % kWkv7Chunk == 0) {
      std::copy_n(state, numbers, out.kept + t / kWkv7Chunk * out.kept_stride + out.first * h.K);
    }
    if (h.starts != nullptr && h.starts[t]) std::fill_n(state, numbers, Scalar{0});
    const int64_t token = t * h.stride;
    for (int64_t i = out.first; i < out.last; i += kTogether) {
      Advance(h, token, h.v + token + i, out.state + i * h.K, out.y + token + i, removed);
    }
  }
}

/// Some rows of the state and its gradient during one chunk.
template <typename Scalar>
struct Block {
  int64_t first, rows;  // of the state
  int64_t begin, end;   // tokens of the chunk
  Scalar* states;       // [chunk + 1, rows, K] before the first token, then behind each
  Scalar* removed;      // [chunk, rows]
  Scalar* zeros;        // [rows, K] what a token at a start sees
  Scalar* grad;         // [rows, K] of the state behind the token at hand

  LONGPLAY_INLINE Scalar* Behind(int64_t t, int64_t K) const {
    return states + (t - begin + 1) * rows * K;
  }
  LONGPLAY_INLINE const Scalar* Before(const Wkv7Head<Scalar>& h, int64_t t) const {
    return h.starts != nullptr && h.starts[t] ? zeros : Behind(t - 1, h.K);
  }
};

/// Fills the block's states and what was removed, from the state kept before the chunk.
template <typename Scalar>
LONGPLAY_INLINE void StatesAgain(const Wkv7Head<Scalar>& h, const Scalar* kept,
                                 const Block<Scalar>& block) {
  const int64_t numbers = block.rows * h.K;
  Scalar y[kTogether];
  std::copy_n(kept + block.first * h.K, numbers, block.states);
  for (int64_t t = block.begin; t < block.end; ++t) {
    Scalar* behind = block.Behind(t, h.K);
    std::copy_n(block.Before(h, t), numbers, behind);
    const int64_t token = t * h.stride;
    for (int64_t i = 0; i < block.rows; i += kTogether) {
      Advance(h, token, h.v + token + block.first + i, behind + i * h.K, y,
              block.removed + (t - block.begin) * kWkv7Rows + i);
    }
  }
}

/// The part of a token's backward that sums over keys, for kTogether rows: adds to `grad`, the
/// gradient of the rows behind the token, and to those of v; sets those of what was removed.
template <typename Scalar>
LONGPLAY_INLINE void BackwardRows(const Wkv7Head<Scalar>& h, int64_t token, const Scalar* grad_y,
                                  Scalar* grad, Scalar* grad_v, Scalar* grad_removed) {
  const int64_t K = h.K;
  const Scalar *r = h.r + token, *k = h.k + token, *b = h.b + token;
  Lanes<Scalar> with_k[kTogether] = {}, with_b[kTogether] = {};
  for (int64_t j = 0; j < K; j += kLanes<Scalar>) {
    for (int i = 0; i < kTogether; ++i) {
      // G, the gradient of S_t: what later tokens passed back, and dy r^T. Of v: G k, removed: G b.
      const Lanes<Scalar> sum = At(grad + i * K + j) + grad_y[i] * At(r + j);
      with_k[i] += sum * At(k + j);
      with_b[i] += sum * At(b + j);
      At(grad + i * K + j) = sum;
    }
  }
  for (int i = 0; i < kTogether; ++i) {
    grad_v[i] += SumOf<Scalar>(with_k[i]);
    grad_removed[i] = SumOf<Scalar>(with_b[i]);
  }
}

template <typename Scalar>
LONGPLAY_INLINE void BackwardToken(const Wkv7Head<Scalar>& h, const Wkv7Gradients<Scalar>& g,
                                   const Block<Scalar>& block, int64_t t) {
  const int64_t token = t * h.stride, K = h.K, rows = block.rows;
  const Scalar* v = h.v + token + block.first;
  const Scalar* grad_y = g.y + token + block.first;
  const Scalar* removed = block.removed + (t - block.begin) * kWkv7Rows;
  Scalar grad_removed[kWkv7Rows];
  // Sums over keys first: they complete the gradient of the rows, which the loop below reads.
  for (int64_t i = 0; i < rows; i += kTogether) {
    BackwardRows(h, token, grad_y + i, block.grad + i * K, g.v + token + block.first + i,
                 grad_removed + i);
  }
  const Scalar* before = block.Before(h, t);
  const Scalar* behind = block.Behind(t, K);
  for (int64_t j = 0; j < K; j += kLanes<Scalar>) {  // what sums over rows
    // Of r: S_t^T dy, w: sum of G S_(t-1), k: G^T v, a: S_(t-1)^T dremoved, b: G^T removed.
    Lanes<Scalar> of_r = {}, of_w = {}, of_k = {}, of_a = {}, of_b = {};
    const Lanes<Scalar> w = At(h.w + token + j), a = At(h.a + token + j);
    for (int64_t i = 0; i < rows; ++i) {
      const Lanes<Scalar> grad = At(block.grad + i * K + j), row = At(before + i * K + j);
      of_r += grad_y[i] * At(behind + i * K + j);
      of_w += grad * row;
      of_k += grad * v[i];
      of_a += grad_removed[i] * row;
      of_b += grad * removed[i];
      // Of S_(t-1), for the token before: G diag(w) + dremoved a^T.
      At(block.grad + i * K + j) = grad * w + grad_removed[i] * a;
    }
    // Added: other blocks of rows have their share.
    At(g.r + token + j) += of_r;
    At(g.w + token + j) += of_w;
    At(g.k + token + j) += of_k;
    At(g.a + token + j) += of_a;
    At(g.b + token + j) += of_b;
  }
  // Nothing passes a start.
  if (h.starts != nullptr && h.starts[t]) std::fill_n(block.grad, rows * K, Scalar{0});
}

template <typename Scalar>
LONGPLAY_INLINE void BackwardLoop(const Wkv7Head<Scalar>& h, const Wkv7Gradients<Scalar>& g) {
  for (int64_t chunk = (h.T - 1) / kWkv7Chunk; chunk >= 0; --chunk) {
    for (int64_t first = 0; first < h.K; first += kWkv7Rows) {
      const Block<Scalar> block{.first = first,
                                .rows = std::min(kWkv7Rows, h.K - first),
                                .begin = chunk * kWkv7Chunk,
                                .end = std::min(h.T, (chunk + 1) * kWkv7Chunk),
                                .states = g.scratch,
                                .removed = g.scratch + (kWkv7Chunk + 2) * kWkv7Rows * h.K,
                                .zeros = g.scratch + (kWkv7Chunk + 1) * kWkv7Rows * h.K,
                                .grad = g.state + first * h.K};
      // Some rows through the whole chunk, then the next rows: their states fit the cache.
      StatesAgain(h, g.kept + chunk * g.kept_stride, block);
      for (int64_t t = block.end - 1; t >= block.begin; --t) BackwardToken(h, g, block, t);
    }
  }
}

}  // namespace

template <typename Scalar>
void Wkv7Forward(const Wkv7Head<Scalar>& head, const Wkv7Result<Scalar>& result) {
  RunOnLanes([&]() LONGPLAY_INLINED { ForwardLoop(head, result); });
}
template <typename Scalar>
void Wkv7Backward(const Wkv7Head<Scalar>& head, const Wkv7Gradients<Scalar>& gradients) {
  RunOnLanes([&]() LONGPLAY_INLINED { BackwardLoop(head, gradients); });
}

template void Wkv7Forward(const Wkv7Head<float>&, const Wkv7Result<float>&);
template void Wkv7Forward(const Wkv7Head<double>&, const Wkv7Result<double>&);
template void Wkv7Backward(const Wkv7Head<float>&, const Wkv7Gradients<float>&);
template void Wkv7Backward(const Wkv7Head<double>&, const Wkv7Gradients<double>&);

}  // namespace longplay
