// SPDX-License-Identifier: MIT
#include "model/scans/decayed_scores.h"

#include <ATen/Dispatch.h>
#include <ATen/Functions.h>

#include <algorithm>
#include <cstdint>

#include "model/tensors/parallel_for.h"
#include "model/tensors/vector_lanes.h"

namespace longplay {
namespace {

// One chunk alone is too little work for a thread.
constexpr int64_t kChunksPerTask = 4;

/// One chunk: steps [Q], starts [Q] or null → decays [Q, Q].
template <typename T>
LONGPLAY_INLINE void DecaysOf(const T* steps, const bool* starts, int64_t Q, T* decays) {
  const int64_t blocks = (Q + kLanes<T> - 1) / kLanes<T>;
  LaneBuffer<T> sums(blocks);  // from each j to the current row
  int64_t first = 0;           // tokens before it are cut off
  for (int64_t i = 0; i < Q; ++i) {
    if (starts != nullptr && starts[i]) first = i;
    T* row = decays + i * Q;
    std::fill(row, row + Q, T(0));
    // Step i joins the sum of every earlier token j; lanes at and right of i are set below.
    for (int64_t block = first / kLanes<T>; block * kLanes<T> <= i; ++block) {
      Lanes<T> decay;
      sums[block] += steps[i];
      Exponential(sums[block], decay);
      Store(decay, std::min(kLanes<T>, Q - block * kLanes<T>), row + block * kLanes<T>);
    }
    // Token i's own sum begins; in row i it has decayed by nothing.
    sums[i / kLanes<T>][i % kLanes<T>] = 0;
    row[i] = 1;
    std::fill(row + i + 1, row + Q, T(0));
    std::fill(row, row + first, T(0));
  }
}

template <typename T>
LONGPLAY_INLINE void AddStepGradientsOf(const T* grad_sums, int64_t Q, T* grad_steps) {
  const int64_t blocks = (Q + kLanes<T> - 1) / kLanes<T>;
  LaneBuffer<T> columns(blocks);  // sum over the rows from the current one on
  for (int64_t k = Q; k-- > 1;) {
    // Row k joins the columns, then step k takes the columns left of the diagonal, j < k.
    Lanes<T> sum{};
    const int64_t whole = k / kLanes<T>;  // blocks that stand left of the diagonal
    for (int64_t block = 0; block * kLanes<T> < k; ++block) {
      Lanes<T> row;
      Load(grad_sums + k * Q + block * kLanes<T>, std::min(kLanes<T>, Q - block * kLanes<T>), row);
      columns[block] += row;
      if (block < whole) sum += columns[block];
    }
    T rest = 0;
    for (int64_t j = whole * kLanes<T>; j < k; ++j) rest += columns[whole][j % kLanes<T>];
    grad_steps[k] += SumOf<T>(sum) + rest;
  }
}

template <typename Body>
void ForEachChunkOf(int64_t R, const Body& body) {
  ParallelFor(0, R, kChunksPerTask, [&](int64_t first, int64_t last) {
    for (int64_t r = first; r < last; ++r) body(r);
  });
}

}  // namespace

torch::Tensor DecaysAnywhere(const ChunkDecay& chunk) {
  const int64_t Q = chunk.steps.size(1);
  // A running sum along i of the steps below the diagonal.
  const auto sums = chunk.steps.unsqueeze(2).expand({-1, Q, Q}).tril(-1).cumsum(1);
  auto decays = sums.exp().tril_();
  if (!chunk.starts.defined()) return decays;
  // Equal counts: no start between the two tokens.
  const auto counts = chunk.starts.cumsum(1);  // [R, Q]
  return decays.masked_fill_(counts.unsqueeze(2) != counts.unsqueeze(1), 0);
}

void AddStepGradientsAnywhere(const torch::Tensor& grad_sums, torch::Tensor& grad_steps) {
  // Sums over the rows i >= k, of which step k takes the columns j < k.
  grad_steps.add_(grad_sums.flip(1).cumsum(1).flip(1).tril(-1).sum(2));
}

torch::Tensor Decays(const ChunkDecay& chunk) {
  if (!chunk.steps.is_cpu()) return DecaysAnywhere(chunk);
  const int64_t R = chunk.steps.size(0), Q = chunk.steps.size(1);
  auto decays = at::empty({R, Q, Q}, chunk.steps.options());
  const bool* starts = chunk.starts.defined() ? chunk.starts.const_data_ptr<bool>() : nullptr;
  AT_DISPATCH_FLOATING_TYPES(decays.scalar_type(), "decays", [&] {
    const auto* steps = chunk.steps.const_data_ptr<scalar_t>();
    auto* to = decays.data_ptr<scalar_t>();
    ForEachChunkOf(R, [&](int64_t r) {
      const bool* own = starts == nullptr ? nullptr : starts + r * Q;
      RunOnLanes([&]() LONGPLAY_INLINED { DecaysOf(steps + r * Q, own, Q, to + r * Q * Q); });
    });
  });
  return decays;
}

void AddStepGradients(const torch::Tensor& grad_sums, torch::Tensor& grad_steps) {
  if (!grad_sums.is_cpu()) return AddStepGradientsAnywhere(grad_sums, grad_steps);
  const int64_t R = grad_steps.size(0), Q = grad_steps.size(1);
  AT_DISPATCH_FLOATING_TYPES(grad_steps.scalar_type(), "step gradients", [&] {
    const auto* from = grad_sums.const_data_ptr<scalar_t>();
    auto* to = grad_steps.data_ptr<scalar_t>();
    ForEachChunkOf(R, [&](int64_t r) {
      RunOnLanes([&]() LONGPLAY_INLINED { AddStepGradientsOf(from + r * Q * Q, Q, to + r * Q); });
    });
  });
}

}  // namespace longplay
