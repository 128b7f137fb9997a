// SPDX-License-Identifier: MIT
#include "model/scans/selective_scan_chunks.h"

#include <torch/autograd.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>
#include <vector>

namespace longplay {
namespace {

constexpr int64_t kRow = 16;                // [tokens] scanned one after the other
constexpr int64_t kScanChunk = 128 * kRow;  // [tokens]; a step works on the 128 rows at once

/// [B, n, ..] → [B, rows, kRow, ..], zeros behind the end.
torch::Tensor InRows(const torch::Tensor& x) {
  const int64_t rest = (kRow - x.size(1) % kRow) % kRow;
  const auto padded = rest == 0 ? x : torch::cat({x, x.new_zeros({x.size(0), rest, x.size(2)})}, 1);
  return padded.unflatten(1, {-1, kRow});
}

/// What every row begins with: `local` and `decays` [B, rows, E, S] say what a row adds and leaves.
std::vector<torch::Tensor> StatesBeforeRows(const torch::Tensor& local, const torch::Tensor& decays,
                                            const torch::Tensor& state) {
  std::vector<torch::Tensor> before{state};
  for (int64_t r = 0; r < local.size(1); ++r) {
    before.push_back(decays.select(1, r) * before.back() + local.select(1, r));
  }
  return before;
}

/// One chunk, differentiable. Zeros behind the end leave the state as it is: exp(0) = 1.
Scanned ScanChunk(const ScanInputs& in, const torch::Tensor& state) {
  // What token t of every row writes, and how much of the state it leaves (at a start nothing).
  const auto x = InRows(in.x), delta = InRows(in.delta), b = InRows(in.b), c = InRows(in.c);
  const auto starts =
      in.starts.defined() ? InRows(in.starts.unsqueeze(2)).squeeze(3) : torch::Tensor();
  std::vector<torch::Tensor> decays, written;  // kRow of [B, rows, E, S]
  for (int64_t t = 0; t < kRow; ++t) {
    const auto step = delta.select(2, t).unsqueeze(3);  // [B, rows, E, 1]
    auto decay = torch::exp(step * in.a);
    if (starts.defined())
      decay = decay.masked_fill(starts.select(2, t).view({x.size(0), -1, 1, 1}), 0);
    decays.push_back(decay);
    written.push_back(step * x.select(2, t).unsqueeze(3) * b.select(2, t).unsqueeze(2));
  }
  // Pass 1: rows side by side, from zero: what each adds, and what it leaves of a state.
  auto local = written[0], whole = decays[0];
  for (int64_t t = 1; t < kRow; ++t) {
    local = decays[t] * local + written[t];
    whole = whole * decays[t];
  }
  // Row after row: what each begins with.
  auto before = StatesBeforeRows(local, whole, state);
  const auto last = before.back();
  before.pop_back();
  // Pass 2: rows side by side again, each from its own state; y_t = c_t s_t.
  auto s = torch::stack(before, 1);  // [B, rows, E, S]
  std::vector<torch::Tensor> y;
  for (int64_t t = 0; t < kRow; ++t) {
    s = decays[t] * s + written[t];
    y.push_back(torch::matmul(s, c.select(2, t).unsqueeze(3)).squeeze(3));
  }
  return {torch::stack(y, 2).flatten(1, 2).narrow(1, 0, in.x.size(1)) + in.d * in.x, last};
}

ScanInputs ChunkOf(const ScanInputs& in, int64_t first, int64_t tokens) {
  const auto part = [&](const torch::Tensor& of) {
    return of.defined() ? of.narrow(1, first, tokens) : of;
  };
  return {part(in.x), part(in.delta), in.a, part(in.b), part(in.c), in.d, part(in.starts)};
}

torch::Tensor Leaf(const torch::Tensor& x) { return x.detach().requires_grad_(); }

}  // namespace

KeptScan ScanInChunks(const ScanInputs& inputs, const torch::Tensor& state, bool keeps) {
  const torch::NoGradGuard no_grad;
  std::vector<torch::Tensor> y, before;
  auto s = state;
  const int64_t T = inputs.x.size(1);
  for (int64_t first = 0; first < T; first += kScanChunk) {
    if (keeps) before.push_back(s);
    const Scanned chunk = ScanChunk(ChunkOf(inputs, first, std::min(kScanChunk, T - first)), s);
    y.push_back(chunk.y);
    s = chunk.state;
  }
  return {torch::cat(y, 1), s, keeps ? torch::stack(before) : torch::Tensor()};
}

ScanGradients ScanInChunksBackward(const ScanInputs& inputs, const torch::Tensor& kept,
                                   const torch::Tensor& grad_y, const torch::Tensor& grad_state) {
  // `state` goes from chunk to chunk: the gradient of the state behind the chunk at hand.
  ScanGradients sums{.x = torch::empty_like(inputs.x),
                     .delta = torch::empty_like(inputs.delta),
                     .a = torch::zeros_like(inputs.a),
                     .b = torch::empty_like(inputs.b),
                     .c = torch::empty_like(inputs.c),
                     .d = torch::zeros_like(inputs.d),
                     .state = grad_state};
  for (int64_t k = kept.size(0); k-- > 0;) {
    // From the last chunk: forward again on leaves of its own, from the state kept before it.
    const int64_t first = k * kScanChunk, tokens = std::min(kScanChunk, inputs.x.size(1) - first);
    const auto chunk_inputs = ChunkOf(inputs, first, tokens);
    const ScanInputs leaves{Leaf(chunk_inputs.x), Leaf(chunk_inputs.delta), Leaf(chunk_inputs.a),
                            Leaf(chunk_inputs.b), Leaf(chunk_inputs.c),     Leaf(chunk_inputs.d),
                            chunk_inputs.starts};
    const auto state = Leaf(kept[k]);
    torch::autograd::variable_list grads;
    {
      const torch::AutoGradMode with_grad(true);
      const Scanned chunk = ScanChunk(leaves, state);
      grads = torch::autograd::grad(
          {chunk.y, chunk.state},
          {leaves.x, leaves.delta, leaves.a, leaves.b, leaves.c, leaves.d, state},
          {grad_y.narrow(1, first, tokens), sums.state});
    }
    // Tokens belong to one chunk; a and d to all; the state's gradient goes to the chunk before.
    sums.x.narrow(1, first, tokens).copy_(grads[0]);
    sums.delta.narrow(1, first, tokens).copy_(grads[1]);
    sums.a.add_(grads[2]);
    sums.b.narrow(1, first, tokens).copy_(grads[3]);
    sums.c.narrow(1, first, tokens).copy_(grads[4]);
    sums.d.add_(grads[5]);
    sums.state = grads[6];
  }
  return sums;
}

}  // namespace longplay
