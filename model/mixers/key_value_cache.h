// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <vector>

#include "model/mixing/mixer_context.h"

namespace longplay {

/// The KV cache of B chains, each with a number of tokens of its own: keys, values and attention to
/// them.
///
/// Without a window storage doubles when it is full. With one it is a ring behind the sinks: memory
/// and the cost of a token stop growing. The order of keys does not matter to attention (places in
/// the sequence are part of the tokens), so a slot is read wherever it lies.
class KeyValueCache {
 public:
  /// `options.capacity` is what the first storage holds; `sinks` [tokens]: the first ones of a
  /// chain, seen beside the window.
  KeyValueCache(int64_t batch, const ContextOptions& options, int64_t sinks);

  /// The next n tokens of every chain; the first call fixes dtype and device, and with a window how
  /// many tokens are quick at a time.
  ///   q [B, H, n, K], keys and values [B, G, n, K] → heads [B, H, n, K]
  torch::Tensor Attend(const torch::Tensor& q, const torch::Tensor& keys,
                       const torch::Tensor& values);

  /// Chain i begins anew.
  void Forget(int64_t i) { seen_[i] = 0; }
  /// Chain i takes back its newest `tokens`. Only without a window.
  void TakeBack(int64_t i, int64_t tokens);
  /// Keeps the chains `rows` [b] int64 (CPU) alone, in this order.
  void Select(const torch::Tensor& rows);
  int64_t bytes() const;  // of memory in use

  int64_t seen(int64_t i) const { return seen_[i]; }  // [tokens] of chain i

 private:
  void Append(const torch::Tensor& keys, const torch::Tensor& values);
  void Reserve(const torch::Tensor& like, int64_t tokens);
  int64_t SlotOf(int64_t position) const;
  int64_t LargestCapacity() const;
  bool IsUniform() const;
  torch::Tensor Hidden(int64_t n, int64_t slots, torch::Device device) const;

  std::vector<int64_t> seen_;          // [B] tokens so far
  int64_t capacity_, window_, sinks_;  // [tokens]
  int64_t ring_ = 0;                   // [tokens] behind the sinks, once known
  torch::Tensor keys_, values_;        // [B, G, capacity, K]
};

}  // namespace longplay
