// SPDX-License-Identifier: MIT
#include "model/scans/selective_scan_loops.h"

#include <ATen/Dispatch.h>
#include <ATen/Functions.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "model/tensors/parallel_for.h"
#include "model/tensors/vector_lanes.h"

namespace longplay {
namespace {

// Channels stand in blocks of kLanes; a task owns kBlocks of them in one sequence. A task walks the
// tokens kScanKept at a time, block after block, so that what it reads stays in the cache.
constexpr int64_t kBlocks = 8;

template <typename T>
struct Memory {
  int64_t B, tokens, channels, size, blocks;  // B, T, E, S, blocks of channels
  const T *x, *delta, *a, *b, *c, *d;
  const bool* starts;  // or null
  const T* state;      // [B, E, S] forward only
  T *y, *last;         // forward only
  T* kept;             // [B, blocks, kept states, S, kLanes] or null
};

template <typename T>
struct GradientMemory {
  const T *y, *last;         // of y, of the last state
  T *x, *delta;              // [B, T, E]
  T *a, *state, *d, *b, *c;  // [B, E, S] twice, [B, E], [groups, B, T, S] twice
};

/// The part of the work that one task does in one sequence.
struct Place {
  int64_t sequence, group;
};

int64_t KeptStates(int64_t tokens) { return (tokens + kScanKept - 1) / kScanKept; }

/// One block of channels, and where its numbers are.
template <typename T>
struct Block {
  int64_t first, count;  // channels
  T* kept;               // [kept states, S, kLanes] or null

  LONGPLAY_INLINE Block(const Memory<T>& memory, int64_t sequence, int64_t block)
      : first(block * kLanes<T>), count(std::min(kLanes<T>, memory.channels - first)) {
    const int64_t states = (memory.tokens + kScanKept - 1) / kScanKept;
    kept = memory.kept == nullptr ? nullptr
                                  : memory.kept + (sequence * memory.blocks + block) * states *
                                                      memory.size * kLanes<T>;
  }
};

/// [E, S] rows of the block's channels → S variables of lanes.
template <typename T>
LONGPLAY_INLINE void Gather(const T* rows, const Block<T>& block, int64_t size, Lanes<T>* to) {
  for (int64_t n = 0; n < size; ++n) {
    to[n] = Lanes<T>{};
    for (int64_t i = 0; i < block.count; ++i) to[n][i] = rows[(block.first + i) * size + n];
  }
}

template <typename T>
LONGPLAY_INLINE void Scatter(const Lanes<T>* from, const Block<T>& block, int64_t size, T* rows) {
  for (int64_t n = 0; n < size; ++n) {
    for (int64_t i = 0; i < block.count; ++i) rows[(block.first + i) * size + n] = from[n][i];
  }
}

/// Tokens first <= t < last of one block; `state` [S] moves on.
template <typename T>
LONGPLAY_INLINE void ForwardBlock(const Memory<T>& memory, int64_t sequence, const Block<T>& block,
                                  int64_t first, int64_t last, const Lanes<T>* rates,
                                  Lanes<T>* state) {
  Lanes<T> d;
  Load(memory.d + block.first, block.count, d);
  for (int64_t t = first; t < last; ++t) {
    const int64_t token = sequence * memory.tokens + t;
    const int64_t place = token * memory.channels + block.first;
    const T *b = memory.b + token * memory.size, *c = memory.c + token * memory.size;
    Lanes<T> delta, x;
    Load(memory.delta + place, block.count, delta);
    Load(memory.x + place, block.count, x);
    if (memory.starts != nullptr && memory.starts[token]) {
      for (int64_t n = 0; n < memory.size; ++n) state[n] = Lanes<T>{};
    }
    const Lanes<T> written = delta * x;
    Lanes<T> y = d * x;
    for (int64_t n = 0; n < memory.size; ++n) {
      Lanes<T> decay;
      Exponential(delta * rates[n], decay);
      state[n] = decay * state[n] + written * b[n];
      y += state[n] * c[n];
    }
    Store(y, block.count, memory.y + place);
  }
}

template <typename T>
LONGPLAY_INLINE void ForwardTask(const Memory<T>& memory, Place place) {
  const int64_t first_block = place.group * kBlocks, S = memory.size;
  const int64_t last_block = std::min(first_block + kBlocks, memory.blocks);
  // Rates and states of the task's channels, S variables of lanes for each block.
  LaneBuffer<T> rates(kBlocks * S), state(kBlocks * S);
  const int64_t states = memory.channels * S;
  for (int64_t i = first_block; i < last_block; ++i) {
    const Block<T> block(memory, place.sequence, i);
    Gather(memory.a, block, S, &rates[(i - first_block) * S]);
    Gather(memory.state + place.sequence * states, block, S, &state[(i - first_block) * S]);
  }
  // Tokens kScanKept at a time; the state before them is kept where a backward will come.
  for (int64_t t = 0; t < memory.tokens; t += kScanKept) {
    for (int64_t i = first_block; i < last_block; ++i) {
      const Block<T> block(memory, place.sequence, i);
      Lanes<T>* own = &state[(i - first_block) * S];
      if (block.kept != nullptr) {
        std::memcpy(block.kept + t / kScanKept * S * kLanes<T>, own, S * sizeof(Lanes<T>));
      }
      ForwardBlock(memory, place.sequence, block, t, std::min(t + kScanKept, memory.tokens),
                   &rates[(i - first_block) * S], own);
    }
  }
  for (int64_t i = first_block; i < last_block; ++i) {
    const Block<T> block(memory, place.sequence, i);
    Scatter(&state[(i - first_block) * S], block, S, memory.last + place.sequence * states);
  }
}

/// What backward holds for the tokens between two kept states: [kScanKept, S] each.
template <typename T>
struct Between {
  LaneBuffer<T> before, decay;   // of one block: states before a token, factors
  LaneBuffer<T> grad_b, grad_c;  // sums over blocks, lanes still apart
  explicit Between(int64_t size)
      : before(kScanKept * size),
        decay(kScanKept * size),
        grad_b(kScanKept * size),
        grad_c(kScanKept * size) {}
};

/// Sums over the tokens, of one block: [S], [S], one.
template <typename T>
struct BlockSums {
  Lanes<T>*state, *a, *d;
};

/// States before the tokens first <= t < last of one block, and their decays, again.
template <typename T>
LONGPLAY_INLINE void Recompute(const Memory<T>& memory, int64_t sequence, const Block<T>& block,
                               int64_t first, int64_t last, const Lanes<T>* rates,
                               Between<T>& between) {
  const int64_t S = memory.size;
  // From the kept state on, as in ForwardBlock, but every state stays.
  Lanes<T>* before = &between.before[0];
  std::memcpy(before, block.kept + first / kScanKept * S * kLanes<T>, S * sizeof(Lanes<T>));
  for (int64_t t = first; t < last; ++t, before += S) {
    const int64_t token = sequence * memory.tokens + t;
    const int64_t place = token * memory.channels + block.first;
    Lanes<T> delta, x;
    Load(memory.delta + place, block.count, delta);
    Load(memory.x + place, block.count, x);
    if (memory.starts != nullptr && memory.starts[token]) {
      for (int64_t n = 0; n < S; ++n) before[n] = Lanes<T>{};
    }
    Lanes<T>* decay = &between.decay[(t - first) * S];
    for (int64_t n = 0; n < S; ++n) Exponential(delta * rates[n], decay[n]);
    // The state behind the last token is the next kept one, or nobody's.
    if (t + 1 == last) continue;
    const Lanes<T> written = delta * x;
    const T* b = memory.b + token * S;
    for (int64_t n = 0; n < S; ++n) before[S + n] = decay[n] * before[n] + written * b[n];
  }
}

/// The tokens first <= t < last of one block, from the last to the first.
template <typename T>
LONGPLAY_INLINE void BackwardBlock(const Memory<T>& memory, const GradientMemory<T>& grads,
                                   int64_t sequence, const Block<T>& block, int64_t first,
                                   int64_t last, const Lanes<T>* rates, Between<T>& between,
                                   const BlockSums<T>& sums) {
  const int64_t S = memory.size;
  Lanes<T> d;
  Load(memory.d + block.first, block.count, d);
  for (int64_t t = last - 1; t >= first; --t) {
    const int64_t token = sequence * memory.tokens + t;
    const int64_t place = token * memory.channels + block.first;
    const T *b = memory.b + token * S, *c = memory.c + token * S;
    Lanes<T> delta, x, grad_y;
    Load(memory.delta + place, block.count, delta);
    Load(memory.x + place, block.count, x);
    Load(grads.y + place, block.count, grad_y);
    const Lanes<T>*before = &between.before[(t - first) * S],
          *decay = &between.decay[(t - first) * S];
    Lanes<T>*grad_b = &between.grad_b[(t - first) * S], *grad_c = &between.grad_c[(t - first) * S];
    const Lanes<T> written = delta * x;
    Lanes<T> grad_written{}, grad_delta{};
    for (int64_t n = 0; n < S; ++n) {
      // s_t = decay s_(t-1) + (delta x) b and y = s_t c + d x. `grad` is the gradient of s_t:
      // what later tokens passed back, and what y reads.
      const Lanes<T> carried = decay[n] * before[n];
      const Lanes<T> grad = sums.state[n] + grad_y * c[n];
      // Of c: s_t, put together again. Of b and of delta x: the product that was written.
      grad_c[n] += grad_y * (carried + written * b[n]);
      grad_b[n] += grad * written;
      grad_written += grad * b[n];
      // Of the exponent delta a: exp is its own derivative, so grad * decay * s_(t-1).
      const Lanes<T> grad_exponent = grad * carried;
      grad_delta += grad_exponent * rates[n];
      sums.a[n] += grad_exponent * delta;
      // Of s_(t-1), for the token before.
      sums.state[n] = grad * decay[n];
    }
    // Nothing passes a start: forward had zeros there.
    if (memory.starts != nullptr && memory.starts[token]) {
      for (int64_t n = 0; n < S; ++n) sums.state[n] = Lanes<T>{};
    }
    // x is read by what is written and by d, delta by the exponent and by what is written.
    *sums.d += grad_y * x;
    Store(grad_written * delta + grad_y * d, block.count, grads.x + place);
    Store(grad_delta + grad_written * x, block.count, grads.delta + place);
  }
}

/// Lanes of the sums for b and c → numbers, and zero for the next.
template <typename T>
LONGPLAY_INLINE void SumLanes(LaneBuffer<T>& lanes, int64_t count, T* to) {
  for (int64_t i = 0; i < count; ++i) {
    to[i] = SumOf<T>(lanes[i]);
    lanes[i] = Lanes<T>{};
  }
}

template <typename T>
LONGPLAY_INLINE void BackwardTask(const Memory<T>& memory, const GradientMemory<T>& grads,
                                  Place place) {
  const int64_t first_block = place.group * kBlocks, S = memory.size;
  const int64_t last_block = std::min(first_block + kBlocks, memory.blocks);
  // `state` is the gradient of the state behind the tokens at hand; a and d sum over all tokens.
  LaneBuffer<T> rates(kBlocks * S), state(kBlocks * S), a(kBlocks * S), d(kBlocks);
  Between<T> between(S);
  const int64_t states = place.sequence * memory.channels * S;
  for (int64_t i = first_block; i < last_block; ++i) {
    const Block<T> block(memory, place.sequence, i);
    Gather(memory.a, block, S, &rates[(i - first_block) * S]);
    Gather(grads.last + states, block, S, &state[(i - first_block) * S]);
  }
  // From the last kept state to the first: states again, then gradients, block after block.
  for (int64_t k = KeptStates(memory.tokens); k-- > 0;) {
    const int64_t t = k * kScanKept, last = std::min(t + kScanKept, memory.tokens);
    for (int64_t i = first_block; i < last_block; ++i) {
      const Block<T> block(memory, place.sequence, i);
      const int64_t own = (i - first_block) * S;
      Recompute(memory, place.sequence, block, t, last, &rates[own], between);
      BackwardBlock(memory, grads, place.sequence, block, t, last, &rates[own], between,
                    {&state[own], &a[own], &d[i - first_block]});
    }
    // b and c are shared by all channels: lanes and blocks are summed here, groups by the caller.
    const int64_t token = (place.group * memory.B + place.sequence) * memory.tokens + t;
    SumLanes(between.grad_b, (last - t) * S, grads.b + token * S);
    SumLanes(between.grad_c, (last - t) * S, grads.c + token * S);
  }
  for (int64_t i = first_block; i < last_block; ++i) {
    const Block<T> block(memory, place.sequence, i);
    Scatter(&state[(i - first_block) * S], block, S, grads.state + states);
    Scatter(&a[(i - first_block) * S], block, S, grads.a + states);
    Store(d[i - first_block], block.count,
          grads.d + place.sequence * memory.channels + block.first);
  }
}

template <typename T>
Memory<T> MemoryOf(const ScanInputs& in) {
  const auto data = [](const torch::Tensor& of) { return of.const_data_ptr<T>(); };
  const int64_t channels = in.x.size(2);
  return {.B = in.x.size(0),
          .tokens = in.x.size(1),
          .channels = channels,
          .size = in.a.size(1),
          .blocks = (channels + kLanes<T> - 1) / kLanes<T>,
          .x = data(in.x),
          .delta = data(in.delta),
          .a = data(in.a),
          .b = data(in.b),
          .c = data(in.c),
          .d = data(in.d),
          .starts = in.starts.defined() ? in.starts.const_data_ptr<bool>() : nullptr};
}

template <typename T>
int64_t GroupsOf(const Memory<T>& memory) {
  return (memory.blocks + kBlocks - 1) / kBlocks;
}

/// task(place) for every sequence and group of channels.
template <typename Task>
void ForEachTask(int64_t B, int64_t groups, const Task& task) {
  ParallelFor(0, B * groups, 1, [&](int64_t first, int64_t last) {
    for (int64_t i = first; i < last; ++i) task(Place{i / groups, i % groups});
  });
}

}  // namespace

KeptScan ScanInLoops(const ScanInputs& inputs, const torch::Tensor& state, bool keeps) {
  KeptScan scan{at::empty_like(inputs.x), at::empty_like(state), {}};
  AT_DISPATCH_FLOATING_TYPES(inputs.x.scalar_type(), "scan", [&] {
    auto memory = MemoryOf<scalar_t>(inputs);
    // Laid out as the loops write it: a block's states of one sequence stand together.
    if (keeps) {
      scan.kept = at::empty(
          {memory.B, memory.blocks, KeptStates(memory.tokens), memory.size, kLanes<scalar_t>},
          state.options());
      memory.kept = scan.kept.data_ptr<scalar_t>();
    }
    memory.state = state.const_data_ptr<scalar_t>();
    memory.y = scan.y.data_ptr<scalar_t>();
    memory.last = scan.state.data_ptr<scalar_t>();
    ForEachTask(memory.B, GroupsOf(memory), [&](Place place) {
      RunOnLanes([&]() LONGPLAY_INLINED { ForwardTask(memory, place); });
    });
  });
  return scan;
}

ScanGradients ScanInLoopsBackward(const ScanInputs& inputs, const torch::Tensor& kept,
                                  const torch::Tensor& grad_y, const torch::Tensor& grad_state) {
  ScanGradients grads{.x = at::empty_like(inputs.x), .delta = at::empty_like(inputs.delta)};
  AT_DISPATCH_FLOATING_TYPES(inputs.x.scalar_type(), "scan backward", [&] {
    auto memory = MemoryOf<scalar_t>(inputs);
    memory.kept = kept.data_ptr<scalar_t>();
    const int64_t groups = GroupsOf(memory);
    const auto like = inputs.x.options();
    // Every task writes parts of its own, summed at the end.
    grads.state = at::empty_like(grad_state);
    auto a = at::empty_like(grad_state), d = at::empty({memory.B, memory.channels}, like);
    auto b = at::empty({groups, memory.B, memory.tokens, memory.size}, like);
    auto c = at::empty_like(b);
    const auto data = [](torch::Tensor& of) { return of.data_ptr<scalar_t>(); };
    const GradientMemory<scalar_t> to{.y = grad_y.const_data_ptr<scalar_t>(),
                                      .last = grad_state.const_data_ptr<scalar_t>(),
                                      .x = data(grads.x),
                                      .delta = data(grads.delta),
                                      .a = data(a),
                                      .state = data(grads.state),
                                      .d = data(d),
                                      .b = data(b),
                                      .c = data(c)};
    ForEachTask(memory.B, groups, [&](Place place) {
      RunOnLanes([&]() LONGPLAY_INLINED { BackwardTask(memory, to, place); });
    });
    // In the order of sequences and of groups, whatever the number of threads.
    grads.a = a.sum(0);
    grads.d = d.sum(0);
    grads.b = b.sum(0);
    grads.c = c.sum(0);
  });
  return grads;
}

}  // namespace longplay
