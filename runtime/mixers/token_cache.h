// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>

#include "runtime/kernels/kernels.h"
#include "runtime/mixers/acting_mixer.h"

namespace longplay::runtime {

/// The layout of one chain's KV cache in a block of bytes, and attention to it.
///
/// Without a window token t lies in slot t. With one the first `sinks` tokens keep their slots and
/// the others go round in a ring behind them. Keys lie in panels of 32 slots, values slot by slot,
/// each head of its own; places in the sequence are part of the tokens, so the order of slots does
/// not matter.
class TokenCache {
 public:
  struct Sizes {
    int64_t heads = 0, shared_heads = 0, head_width = 0;  // H, G, K
    int64_t span = 0, sinks = 0;  // [tokens] that a token sees: 0 = all; beside it
    bool hides = false;           // whether single tokens may be hidden
  };

  TokenCache() = default;
  TokenCache(const Sizes& sizes, const ContextRoom& room);

  int64_t bytes() const { return bytes_; }
  int64_t slots() const { return slots_; }  // in whole panels: scores need so many for each query
  bool grows() const { return window_ == 0; }

  /// Token number `position`: key and value [G, K] each.
  void Append(std::byte* block, int64_t position, const float* key, const float* value) const;
  void Hide(std::byte* block, int64_t position, bool hidden) const;

  /// `count` queries [H, K], `stride` apart, of the tokens position, position + 1 .. which are all
  /// appended → heads [H, K], `heads_stride` apart.
  void Attend(const Kernels& kernels, const std::byte* block, int64_t position, int64_t count,
              ConstRows queries, MutableRows heads, float* scores) const;

  // Tokens in the order of their slots.
  int64_t saved_bytes(int64_t seen) const { return Used(seen) * saved_token_; }
  void Save(const std::byte* block, int64_t seen, std::byte* to) const;
  void Load(const std::byte* from, int64_t seen, std::byte* block) const;

 private:
  int64_t SlotOf(int64_t position) const;
  int64_t Used(int64_t seen) const;  // slots
  void FindVisible(int64_t position, SlotRange (&visible)[3]) const;
  template <typename Move>
  void MoveToken(std::byte* block, int64_t slot, const Move& move) const;

  Sizes sizes_;
  NumberType type_ = NumberType::kFloat32;
  int64_t window_ = 0, ring_ = 0;  // [tokens]
  int64_t slots_ = 0, value_stride_ = 0;
  // [bytes] from the block's beginning, for each shared head; scales and hidden are those of all.
  int64_t head_keys_ = 0, head_values_ = 0;
  int64_t values_ = 0, key_scales_ = 0, value_scales_ = 0, hidden_ = 0, bytes_ = 0;
  int64_t saved_token_ = 0;
};

}  // namespace longplay::runtime
