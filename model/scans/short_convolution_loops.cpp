// SPDX-License-Identifier: MIT
#include "model/scans/short_convolution_loops.h"

#include <ATen/Dispatch.h>
#include <ATen/Functions.h>

#include <algorithm>
#include <cstdint>
#include <type_traits>
#include <vector>

#include "model/tensors/parallel_for.h"
#include "model/tensors/vector_lanes.h"

namespace longplay {
namespace {

constexpr int64_t kTokens = 64;    // worked on together: what they read stays in the cache
constexpr int64_t kBlocks = 8;     // blocks of lanes that one task of backward owns
constexpr int64_t kUsualSize = 4;  // W of Mamba and Mamba-2, compiled on its own

template <typename T>
struct Memory {
  int64_t tokens, channels, size, blocks;  // T, C, W, blocks of lanes
  int64_t sequence_stride, token_stride;   // of x
  const T *x, *weight, *bias, *window;     // weight [W, C]
  const uint8_t* reach;                    // [B, T] how many tokens back a token sees
  T* y;                                    // forward only
};

/// Tokens back that each token sees: W - 1, fewer behind a start.
std::vector<uint8_t> Reach(const ConvolutionInputs& in) {
  const int64_t B = in.x.size(0), T = in.x.size(1), most = in.weight.size(1) - 1;
  std::vector<uint8_t> reach(B * T, static_cast<uint8_t>(most));
  if (!in.starts.defined()) return reach;
  const bool* starts = in.starts.const_data_ptr<bool>();
  for (int64_t b = 0; b < B; ++b) {
    int64_t back = most;
    for (int64_t t = 0; t < T; ++t) {
      back = starts[b * T + t] ? 0 : std::min(most, back + 1);
      reach[b * T + t] = static_cast<uint8_t>(back);
    }
  }
  return reach;
}

/// Row t >= -(W - 1) of window and x, at the block's first channel.
template <typename T>
LONGPLAY_INLINE const T* RowAt(const Memory<T>& memory, int64_t sequence, int64_t t,
                               int64_t channel) {
  if (t >= 0)
    return memory.x + sequence * memory.sequence_stride + t * memory.token_stride + channel;
  const int64_t row = sequence * (memory.size - 1) + memory.size - 1 + t;
  return memory.window + row * memory.channels + channel;
}

/// Weights of one block of channels, at hand for all its tokens. kSize = W where it is known when
/// compiled, else 0.
template <typename T, int64_t kSize>
struct BlockWeights {
  Lanes<T> bias, own[kSize > 0 ? kSize : 1];
  int64_t count;

  LONGPLAY_INLINE BlockWeights(const Memory<T>& memory, int64_t channel)
      : count(std::min(kLanes<T>, memory.channels - channel)) {
    Load(memory.bias + channel, count, bias);
    for (int64_t j = 0; j < kSize; ++j)
      Load(memory.weight + j * memory.channels + channel, count, own[j]);
  }
  LONGPLAY_INLINE void Get(const Memory<T>& memory, int64_t channel, int64_t j,
                           Lanes<T>& weight) const {
    if constexpr (kSize > 0) {
      weight = own[j];
    } else {
      Load(memory.weight + j * memory.channels + channel, count, weight);
    }
  }
};

/// bias + sum_j weight[W - 1 - j] x_(t-j) of one block of channels.
template <typename T, int64_t kSize>
LONGPLAY_INLINE void Preactivation(const Memory<T>& memory, const BlockWeights<T, kSize>& weights,
                                   int64_t sequence, int64_t t, int64_t channel, Lanes<T>& sum) {
  sum = weights.bias;
  const int64_t W = kSize > 0 ? kSize : memory.size;
  const int64_t reach = memory.reach[sequence * memory.tokens + t];
  for (int64_t j = 0; j < W && j <= reach; ++j) {
    Lanes<T> weight, x;
    weights.Get(memory, channel, W - 1 - j, weight);
    Load(RowAt(memory, sequence, t - j, channel), weights.count, x);
    sum += weight * x;
  }
}

template <typename T, int64_t kSize>
LONGPLAY_INLINE void ForwardTokens(const Memory<T>& memory, int64_t sequence, int64_t first,
                                   int64_t last) {
  for (int64_t channel = 0; channel < memory.channels; channel += kLanes<T>) {
    const BlockWeights<T, kSize> weights(memory, channel);
    for (int64_t t = first; t < last; ++t) {
      Lanes<T> sum, gate;
      Preactivation(memory, weights, sequence, t, channel, sum);
      Sigmoid<T>(sum, gate);
      Store(sum * gate, weights.count,
            memory.y + (sequence * memory.tokens + t) * memory.channels + channel);
    }
  }
}

template <typename T>
struct GradientMemory {
  const T* y;        // [B, T, C]
  T *x, *window;     // [B, T, C], [B, W - 1, C]
  T *weight, *bias;  // [B, W, C], [B, C]
};

/// What one block sums: gradients of rows t, t - 1, .. [W], of weights [W], of the bias.
template <typename T>
struct BlockSums {
  Lanes<T>*rows, *weight, *bias;
};

/// Tokens first <= t < last of one block of channels, from the last to the first.
template <typename T, int64_t kSize>
LONGPLAY_INLINE void AddTokens(const Memory<T>& memory, const GradientMemory<T>& grads,
                               int64_t sequence, int64_t channel, int64_t first, int64_t last,
                               const BlockSums<T>& sums) {
  const int64_t W = kSize > 0 ? kSize : memory.size;
  const BlockWeights<T, kSize> weights(memory, channel);
  for (int64_t t = last - 1; t >= first; --t) {
    const int64_t place = (sequence * memory.tokens + t) * memory.channels + channel;
    Lanes<T> sum, gate, grad;
    Preactivation(memory, weights, sequence, t, channel, sum);
    Sigmoid<T>(sum, gate);
    Load(grads.y + place, weights.count, grad);
    // silu(u) = u s(u): silu' = s (1 + u (1 - s)). From here `grad` is that of the sum u.
    grad *= gate * (1 + sum * (1 - gate));
    *sums.bias += grad;
    const int64_t reach = memory.reach[sequence * memory.tokens + t];
    for (int64_t j = 0; j < W && j <= reach; ++j) {
      Lanes<T> weight, x;
      weights.Get(memory, channel, W - 1 - j, weight);
      Load(RowAt(memory, sequence, t - j, channel), weights.count, x);
      // Token t saw row t - j through weight W - 1 - j: gradients of both.
      sums.rows[j] += weight * grad;
      sums.weight[W - 1 - j] += grad * x;
    }
    Store(sums.rows[0], weights.count, grads.x + place);  // no earlier token sees row t
    // The next token is t - 1: its rows are one further back.
    for (int64_t j = 0; j + 1 < W; ++j) sums.rows[j] = sums.rows[j + 1];
    sums.rows[W - 1] = Lanes<T>{};
  }
}

/// The same with the sums at hand, not in memory, where W is known.
template <typename T, int64_t kSize>
LONGPLAY_INLINE void BackwardTokens(const Memory<T>& memory, const GradientMemory<T>& grads,
                                    int64_t sequence, int64_t channel, int64_t first, int64_t last,
                                    const BlockSums<T>& sums) {
  if constexpr (kSize == 0) {
    AddTokens<T, 0>(memory, grads, sequence, channel, first, last, sums);
  } else {
    Lanes<T> rows[kSize], weight[kSize], bias = *sums.bias;
    for (int64_t j = 0; j < kSize; ++j) {
      rows[j] = sums.rows[j];
      weight[j] = sums.weight[j];
    }
    AddTokens<T, kSize>(memory, grads, sequence, channel, first, last, {rows, weight, &bias});
    for (int64_t j = 0; j < kSize; ++j) {
      sums.rows[j] = rows[j];
      sums.weight[j] = weight[j];
    }
    *sums.bias = bias;
  }
}

template <typename T, int64_t kSize>
LONGPLAY_INLINE void BackwardGroup(const Memory<T>& memory, const GradientMemory<T>& grads,
                                   int64_t sequence, int64_t group) {
  const int64_t first_block = group * kBlocks, W = memory.size, C = memory.channels;
  const int64_t last_block = std::min(first_block + kBlocks, memory.blocks);
  // Sums of each block, which wait here while the others have their turn.
  LaneBuffer<T> rows(kBlocks * W), weight(kBlocks * W), bias(kBlocks);
  const auto sums_of = [&](int64_t i) {
    const int64_t own = i - first_block;
    return BlockSums<T>{&rows[own * W], &weight[own * W], &bias[own]};
  };
  // Tokens from the last to the first, kTokens at a time, block of channels after block.
  for (int64_t first = (memory.tokens - 1) / kTokens * kTokens; first >= 0; first -= kTokens) {
    for (int64_t i = first_block; i < last_block; ++i) {
      BackwardTokens<T, kSize>(memory, grads, sequence, i * kLanes<T>, first,
                               std::min(first + kTokens, memory.tokens), sums_of(i));
    }
  }
  for (int64_t i = first_block; i < last_block; ++i) {
    const int64_t channel = i * kLanes<T>, count = std::min(kLanes<T>, C - channel);
    const BlockSums<T> sums = sums_of(i);
    // Behind all tokens: the sequence's sums.
    Store(*sums.bias, count, grads.bias + sequence * C + channel);
    for (int64_t j = 0; j < W; ++j) {
      Store(sums.weight[j], count, grads.weight + (sequence * W + j) * C + channel);
    }
    for (int64_t j = 0; j + 1 < W; ++j) {  // what is left belongs to the rows -1, -2, ..
      Store(sums.rows[j], count, grads.window + (sequence * (W - 1) + W - 2 - j) * C + channel);
    }
  }
}

/// body(kSize): W as a constant where it is the usual one, else 0.
template <typename Body>
LONGPLAY_INLINE void WithSize(int64_t size, const Body& body) {
  if (size == kUsualSize) {
    body(std::integral_constant<int64_t, kUsualSize>());
  } else {
    body(std::integral_constant<int64_t, 0>());
  }
}

/// `weight` is [W, C].
template <typename T>
Memory<T> MemoryOf(const ConvolutionInputs& in, const torch::Tensor& weight,
                   const std::vector<uint8_t>& reach) {
  const int64_t C = in.x.size(2);
  return {.tokens = in.x.size(1),
          .channels = C,
          .size = weight.size(0),
          .blocks = (C + kLanes<T> - 1) / kLanes<T>,
          .sequence_stride = in.x.stride(0),
          .token_stride = in.x.stride(1),
          .x = in.x.const_data_ptr<T>(),
          .weight = weight.const_data_ptr<T>(),
          .bias = in.bias.const_data_ptr<T>(),
          .window = in.window.const_data_ptr<T>(),
          .reach = reach.data(),
          .y = nullptr};
}

}  // namespace

torch::Tensor ConvolveInLoops(const ConvolutionInputs& inputs) {
  auto y = at::empty(inputs.x.sizes(), inputs.x.options());
  const auto weight = inputs.weight.t().contiguous();
  const auto reach = Reach(inputs);
  AT_DISPATCH_FLOATING_TYPES(y.scalar_type(), "short convolution", [&] {
    auto memory = MemoryOf<scalar_t>(inputs, weight, reach);
    memory.y = y.data_ptr<scalar_t>();
    // Tokens don't depend on each other's y: a task is some of them in one sequence.
    const int64_t parts = (memory.tokens + kTokens - 1) / kTokens;
    ParallelFor(0, y.size(0) * parts, 4, [&](int64_t first, int64_t last) {
      for (int64_t i = first; i < last; ++i) {
        const int64_t t = i % parts * kTokens, end = std::min(t + kTokens, memory.tokens);
        RunOnLanes([&]() LONGPLAY_INLINED {
          WithSize(memory.size, [&](auto size) LONGPLAY_INLINED {
            ForwardTokens<scalar_t, size()>(memory, i / parts, t, end);
          });
        });
      }
    });
  });
  return y;
}

ConvolutionGradients ConvolveInLoopsBackward(const ConvolutionInputs& inputs,
                                             const torch::Tensor& grad_y) {
  const auto weight = inputs.weight.t().contiguous();
  const auto reach = Reach(inputs);
  const int64_t B = grad_y.size(0), C = grad_y.size(2), W = weight.size(0);
  auto x = at::empty_like(grad_y), window = at::empty_like(inputs.window);
  // Every sequence has sums of its own.
  auto sums = at::empty({B, W, C}, weight.options()), bias = at::empty({B, C}, weight.options());
  AT_DISPATCH_FLOATING_TYPES(grad_y.scalar_type(), "short convolution backward", [&] {
    const auto memory = MemoryOf<scalar_t>(inputs, weight, reach);
    const GradientMemory<scalar_t> grads{.y = grad_y.const_data_ptr<scalar_t>(),
                                         .x = x.data_ptr<scalar_t>(),
                                         .window = window.data_ptr<scalar_t>(),
                                         .weight = sums.data_ptr<scalar_t>(),
                                         .bias = bias.data_ptr<scalar_t>()};
    // Rows get gradients from later tokens: a task has a whole sequence, of a group of channels.
    const int64_t groups = (memory.blocks + kBlocks - 1) / kBlocks;
    ParallelFor(0, B * groups, 1, [&](int64_t first, int64_t last) {
      for (int64_t i = first; i < last; ++i) {
        RunOnLanes([&]() LONGPLAY_INLINED {
          WithSize(memory.size, [&](auto size) LONGPLAY_INLINED {
            BackwardGroup<scalar_t, size()>(memory, grads, i / groups, i % groups);
          });
        });
      }
    });
  });
  return {x, sums.sum(0).t().contiguous(), bias.sum(0), window};
}

}  // namespace longplay
