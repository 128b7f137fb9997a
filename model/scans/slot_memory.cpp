// SPDX-License-Identifier: MIT
#include "model/scans/slot_memory.h"

#include <torch/types.h>

#include <algorithm>
#include <tuple>
#include <vector>

namespace longplay {
namespace {

constexpr int64_t kChunk = 128;  // [tokens]

/// How many tokens each one's memory holds, itself included: [B, n] int64.
torch::Tensor Counts(const SlotMemoryInput& input, const torch::Tensor& carried) {
  const auto place = torch::arange(input.q.size(1), carried.options()).unsqueeze(0);  // [1, n]
  auto counts = carried.unsqueeze(1) + place + 1;
  if (!input.starts.defined()) return counts;
  // Behind a start, counted from the last one; else from the memory's beginning.
  const auto start = std::get<0>(torch::where(input.starts, place, -1).cummax(1));
  return torch::where(start >= 0, place - start + 1, counts);
}

/// A chunk's y before the division [B, n, D]; `sums` become those behind it.
torch::Tensor AddChunk(const SlotMemoryInput& chunk, torch::Tensor& sums) {
  // Within the chunk q k^T without softmax; from before it q S.
  auto scores = torch::matmul(chunk.q, chunk.k.transpose(1, 2)).tril();  // [B, n, n]
  auto from_before = torch::matmul(chunk.q, sums);                       // [B, n, D]
  auto keys = chunk.k;
  if (chunk.starts.defined()) {
    const auto segment = chunk.starts.cumsum(1);  // [B, n]: 0 = sees what was before the chunk
    // Scores stay within a segment, S is seen before the first start, and only the newest segment
    // goes on.
    const auto number = [&](const torch::Tensor& x) { return x.to(scores.scalar_type()); };
    const auto newest = segment.narrow(1, segment.size(1) - 1, 1);
    scores = scores * number(segment.unsqueeze(2) == segment.unsqueeze(1));
    from_before = from_before * number(segment == 0).unsqueeze(2);
    keys = keys * number(segment == newest).unsqueeze(2);
    sums = sums * number(newest == 0).unsqueeze(2);
  }
  sums = torch::baddbmm(sums, keys.transpose(1, 2), chunk.v);
  return torch::baddbmm(from_before, scores, chunk.v);
}

}  // namespace

SlotMemoryOutput SlotMemory(const SlotMemoryInput& input, const SlotMemoryState& state) {
  const int64_t T = input.q.size(1);
  TORCH_CHECK(input.k.sizes() == input.q.sizes() && input.v.size(1) == T &&
                  state.sums.size(1) == input.q.size(2) && state.sums.size(2) == input.v.size(2),
              "slot memory: q, k, v, sums: expected [B, T, slots] twice, [B, T, D] and [B, slots, "
              "D], got ",
              input.q.sizes(), ", ", input.k.sizes(), ", ", input.v.sizes(), " and ",
              state.sums.sizes());
  auto sums = state.sums;
  std::vector<torch::Tensor> y;
  for (int64_t first = 0; first < T; first += kChunk) {
    const auto part = [&](const torch::Tensor& x) {
      return x.defined() ? x.narrow(1, first, std::min(kChunk, T - first)) : x;
    };
    y.push_back(AddChunk({part(input.q), part(input.k), part(input.v), part(input.starts)}, sums));
  }
  const auto counts = Counts(input, state.tokens);
  // y_t is divided by sqrt(t) last, for all chunks at once.
  const auto root = counts.to(input.q.scalar_type()).rsqrt().unsqueeze(2);
  return {torch::cat(y, 1) * root, {sums, counts.select(1, T - 1).clone()}};
}

}  // namespace longplay
