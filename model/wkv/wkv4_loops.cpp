// SPDX-License-Identifier: MIT
#include "model/wkv/wkv4_loops.h"

#include <algorithm>

#include "model/tensors/vector_lanes.h"

namespace longplay {
namespace {

// The tokens one after another, and for each all channels, so that one channel's exponentials are
// computed while another's wait.

constexpr float kNothing = -1e38F;  // exponent of a state that holds nothing

/// Two numbers x e^p and y e^q add up to (x f + y g) e^largest; one factor is 1.
template <typename T>
struct Aligned {
  Lanes<T> largest, f, g;

  LONGPLAY_INLINE Aligned(const Lanes<T>& p, const Lanes<T>& q) {
    // One exponential in place of two: the larger number's factor is 1.
    const Lanes<T> difference = p - q, one = Lanes<T>{} + 1;
    Lanes<T> smaller;
    Exponential(difference < 0 ? difference : -difference, smaller);
    largest = difference < 0 ? q : p;
    f = difference < 0 ? smaller : one;
    g = difference < 0 ? one : smaller;
  }
};

/// The channels of a task, in blocks of kLanes.
template <typename T>
struct Channels {
  int64_t first, last, blocks;

  explicit Channels(const Wkv4Sequence<T>& s)
      : first(s.first), last(s.last), blocks((s.last - s.first + kLanes<T> - 1) / kLanes<T>) {}
  LONGPLAY_INLINE int64_t Place(int64_t block) const { return first + block * kLanes<T>; }
  LONGPLAY_INLINE int64_t Count(int64_t block) const {
    return std::min(kLanes<T>, last - Place(block));
  }
  LONGPLAY_INLINE void Get(const T* row, int64_t block, Lanes<T>& to) const {
    Load<T>(row + Place(block), Count(block), to);
  }
  LONGPLAY_INLINE void Put(const Lanes<T>& from, int64_t block, T* row) const {
    Store<T>(from, Count(block), row + Place(block));
  }
  LONGPLAY_INLINE void GetAll(const T* row, LaneBuffer<T>& to) const {
    for (int64_t i = 0; i < blocks; ++i) Get(row, i, to[i]);
  }
  LONGPLAY_INLINE void PutAll(LaneBuffer<T>& from, T* row) const {
    for (int64_t i = 0; i < blocks; ++i) Put(from[i], i, row);
  }
};

template <typename T>
struct State {
  LaneBuffer<T> a, b, p;

  explicit State(int64_t blocks) : a(blocks), b(blocks), p(blocks) {}

  LONGPLAY_INLINE void Get(const Channels<T>& channels, const T* from_a, const T* from_b,
                           const T* from_p) {
    channels.GetAll(from_a, a);
    channels.GetAll(from_b, b);
    channels.GetAll(from_p, p);
  }
  LONGPLAY_INLINE void Put(const Channels<T>& channels, T* to_a, T* to_b, T* to_p) {
    channels.PutAll(a, to_a);
    channels.PutAll(b, to_b);
    channels.PutAll(p, to_p);
  }

  /// As if there had been no token.
  LONGPLAY_INLINE void Forget(int64_t blocks) {
    for (int64_t i = 0; i < blocks; ++i) {
      a[i] = b[i] = Lanes<T>{};
      p[i] = Lanes<T>{} + kNothing;
    }
  }
  /// Adds a token.
  LONGPLAY_INLINE void Advance(int64_t i, const Lanes<T>& w, const Lanes<T>& k, const Lanes<T>& v) {
    const Aligned<T> sum(w + p[i], k);
    a[i] = sum.f * a[i] + sum.g * v;
    b[i] = sum.f * b[i] + sum.g;
    p[i] = sum.largest;
  }
};

template <typename T>
LONGPLAY_INLINE void ForwardTask(const Wkv4Sequence<T>& s, const Wkv4Result<T>& out) {
  const Channels<T> channels(s);
  LaneBuffer<T> w(channels.blocks), u(channels.blocks);
  State<T> state(channels.blocks);
  channels.GetAll(s.w, w);
  channels.GetAll(s.u, u);
  state.Get(channels, s.a, s.b, s.p);
  for (int64_t t = 0; t < s.T; ++t) {
    // Before a start forgets it: backward begins from here, too.
    if (out.kept != nullptr && t % kWkv4Chunk == 0) {
      T* kept = out.kept + t / kWkv4Chunk * 3 * s.D;
      state.Put(channels, kept, kept + s.D, kept + 2 * s.D);
    }
    if (s.starts != nullptr && s.starts[t]) state.Forget(channels.blocks);
    for (int64_t i = 0; i < channels.blocks; ++i) {
      Lanes<T> k, v;
      channels.Get(s.k + t * s.D, i, k);
      channels.Get(s.v + t * s.D, i, v);
      // y_t from the state before the token and the token at e^(u + k); then the state moves on.
      const Aligned<T> sum(state.p[i], u[i] + k);
      channels.Put((sum.f * state.a[i] + sum.g * v) / (sum.f * state.b[i] + sum.g), i,
                   out.y + t * s.D);
      state.Advance(i, w[i], k, v);
    }
  }
  state.Put(channels, out.a, out.b, out.p);
}

/// The states before each token of a chunk, [chunk, blocks], from the one kept before it.
template <typename T>
LONGPLAY_INLINE void StatesAgain(const Wkv4Sequence<T>& s, const T* kept, int64_t first,
                                 int64_t last, State<T>& before) {
  const Channels<T> channels(s);
  State<T> state(channels.blocks);
  state.Get(channels, kept, kept + s.D, kept + 2 * s.D);
  for (int64_t t = first; t < last; ++t) {
    if (s.starts != nullptr && s.starts[t]) state.Forget(channels.blocks);
    for (int64_t i = 0; i < channels.blocks; ++i) {
      const int64_t place = (t - first) * channels.blocks + i;
      before.a[place] = state.a[i];
      before.b[place] = state.b[i];
      before.p[place] = state.p[i];
      Lanes<T> w, k, v;
      channels.Get(s.w, i, w);
      channels.Get(s.k + t * s.D, i, k);
      channels.Get(s.v + t * s.D, i, v);
      state.Advance(i, w, k, v);
    }
  }
}

/// What backward carries from token to token: gradients a e^p and b e^p of the state's true
/// numerator and denominator, and the sums over tokens.
template <typename T>
struct Carried {
  State<T> state;
  LaneBuffer<T> w, u;

  explicit Carried(int64_t blocks) : state(blocks), w(blocks), u(blocks) {}
};

/// One token of one block, whose state before it stands at `before`.
template <typename T>
LONGPLAY_INLINE void BackwardToken(const Wkv4Sequence<T>& s, const Wkv4Gradients<T>& g, int64_t t,
                                   int64_t i, State<T>& before, int64_t place,
                                   Carried<T>& carried) {
  const Channels<T> channels(s);
  Lanes<T> w, u, k, v, grad_y;
  channels.Get(s.w, i, w);
  channels.Get(s.u, i, u);
  channels.Get(s.k + t * s.D, i, k);
  channels.Get(s.v + t * s.D, i, v);
  channels.Get(g.y + t * s.D, i, grad_y);
  const Lanes<T>&a = before.a[place], &b = before.b[place], &p = before.p[place];
  Lanes<T>&ga = carried.state.a[i], &gb = carried.state.b[i], &m = carried.state.p[i];
  // Forward again: y = numerator / denominator, both divided by e^largest.
  const Aligned<T> sum(p, u + k);
  const Lanes<T> denominator = sum.f * b + sum.g;
  const Lanes<T> y = (sum.f * a + sum.g * v) / denominator;
  const Lanes<T> share = grad_y / denominator;  // gradient of the numerator times e^largest
  // Through the token's own weight e^(u + k): of u + k, so of u and of k.
  const Lanes<T> own = share * sum.g * (v - y);
  // Through the state behind, A = e^w A_before + e^k v and B = e^w B_before + e^k, whose gradients
  // are ga e^m and gb e^m: factors e^(k + m), and e^(w + m) with the e^p of a and b.
  Lanes<T> later, decayed;
  Exponential(k + m, later);
  Exponential(w + m + p, decayed);
  channels.Put(share * sum.g + later * ga, i, g.v + t * s.D);
  channels.Put(own + later * (ga * v + gb), i, g.k + t * s.D);
  carried.u[i] += own;
  carried.w[i] += decayed * (ga * a + gb * b);
  // Gradients of A_before and B_before: the later tokens' decayed by e^w, plus this y's.
  const Aligned<T> next(w + m, -sum.largest);
  ga = next.f * ga + next.g * share;
  gb = next.f * gb - next.g * share * y;
  m = next.largest;
}

template <typename T>
LONGPLAY_INLINE void BackwardTask(const Wkv4Sequence<T>& s, const Wkv4Gradients<T>& g) {
  const Channels<T> channels(s);
  State<T> before(kWkv4Chunk * channels.blocks);
  Carried<T> carried(channels.blocks);
  // Of a = A e^(-p) comes that of A: the same number at the exponent -p.
  carried.state.Get(channels, g.last_a, g.last_b, g.p);
  for (int64_t i = 0; i < channels.blocks; ++i) carried.state.p[i] = -carried.state.p[i];
  // From the last chunk: its states again, then its tokens from the last to the first.
  for (int64_t chunk = (s.T - 1) / kWkv4Chunk; chunk >= 0; --chunk) {
    const int64_t first = chunk * kWkv4Chunk, last = std::min(s.T, first + kWkv4Chunk);
    StatesAgain(s, g.kept + chunk * 3 * s.D, first, last, before);
    for (int64_t t = last - 1; t >= first; --t) {
      for (int64_t i = 0; i < channels.blocks; ++i) {
        BackwardToken(s, g, t, i, before, (t - first) * channels.blocks + i, carried);
      }
      // Nothing passes a start.
      if (s.starts != nullptr && s.starts[t]) carried.state.Forget(channels.blocks);
    }
  }
  for (int64_t i = 0; i < channels.blocks; ++i) {
    // Back from A and B to the first state's a and b: times e^p.
    Lanes<T> p, scale;
    channels.Get(s.p, i, p);
    Exponential(carried.state.p[i] + p, scale);
    channels.Put(carried.state.a[i] * scale, i, g.a);
    channels.Put(carried.state.b[i] * scale, i, g.b);
  }
  channels.PutAll(carried.w, g.w);
  channels.PutAll(carried.u, g.u);
}

}  // namespace

template <typename T>
void Wkv4Forward(const Wkv4Sequence<T>& sequence, const Wkv4Result<T>& result) {
  RunOnLanes([&]() LONGPLAY_INLINED { ForwardTask(sequence, result); });
}
template <typename T>
void Wkv4Backward(const Wkv4Sequence<T>& sequence, const Wkv4Gradients<T>& gradients) {
  RunOnLanes([&]() LONGPLAY_INLINED { BackwardTask(sequence, gradients); });
}

template void Wkv4Forward(const Wkv4Sequence<float>&, const Wkv4Result<float>&);
template void Wkv4Forward(const Wkv4Sequence<double>&, const Wkv4Result<double>&);
template void Wkv4Backward(const Wkv4Sequence<float>&, const Wkv4Gradients<float>&);
template void Wkv4Backward(const Wkv4Sequence<double>&, const Wkv4Gradients<double>&);

}  // namespace longplay
