// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <cstdint>

namespace longplay {

/// Keys and values that selective attention remembers of B acting chains. With a span a ring: the
/// newest token takes the oldest one's slot, and memory stops growing; without one storage doubles
/// when it is full. All chains take a step at a time, so they share the slots' order; what a chain
/// may see is its own.
class SelectiveContext {
 public:
  /// `span` [tokens] that a token sees, 0 = all; `capacity` [tokens] is what the first storage
  /// holds (with a span: at most that).
  SelectiveContext(int64_t batch, int64_t span, int64_t capacity);

  /// The next token of every chain: keys, values [B, G, K]; `seen` [B] bool, true = later tokens
  /// (and this one) may see it.
  void Append(const torch::Tensor& keys, const torch::Tensor& values, const torch::Tensor& seen);

  /// Attention of one query of each of the chains `rows` [b] int64: q [b, H, K] → [b, H, K]. Each
  /// sees at least one token.
  torch::Tensor Attend(const torch::Tensor& q, const torch::Tensor& rows) const;

  /// Chain i begins anew.
  void Forget(int64_t i);
  /// Keeps the chains `rows` [b] int64 (CPU) alone, in this order.
  void Select(const torch::Tensor& rows);
  int64_t bytes() const;  // of memory in use

 private:
  void Reserve(const torch::Tensor& like);

  int64_t batch_, span_, capacity_;
  int64_t appended_ = 0;         // [tokens] so far
  torch::Tensor keys_, values_;  // [B, G, capacity, K]
  torch::Tensor seen_;           // [B, capacity] bool
};

}  // namespace longplay
