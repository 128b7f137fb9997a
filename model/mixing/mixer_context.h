// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <cstdint>

#include "model/mixing/chunk.h"
#include "model/mixing/handed_on.h"

namespace longplay {

struct ContextOptions {
  int64_t capacity = 0;  // [tokens] a hint
  int64_t window = 0;    // [tokens] seen by each token, itself included; 0 = as the mixer has it
};

/// What a mixer remembers of B chains that act, each at a time of its own. The mixer that made it
/// must outlive it.
class MixerContext {
 public:
  virtual ~MixerContext() = default;
  /// The next n tokens (usually one) of every chain: x [B, n, D] → [B, n, D], no gradient.
  /// `handed` as in SequenceMixer::Forward.
  virtual torch::Tensor Step(const torch::Tensor& x, const Chunk& chunk, HandedOn& handed) = 0;
  /// Chain i begins anew, as if it had never acted.
  virtual void Forget(int64_t i) = 0;
  /// Chain i takes back its newest `tokens`. Throws c10::Error where the mixer cannot.
  virtual void TakeBack(int64_t i, int64_t tokens);
  /// Keeps the chains `rows` [b] int64 (CPU) alone, in this order.
  virtual void Select(const torch::Tensor& rows) = 0;
  virtual int64_t bytes() const = 0;  // of memory in use
};

}  // namespace longplay
