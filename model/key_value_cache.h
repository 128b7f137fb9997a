// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <cstdint>

#include "model/sequence_mixer.h"

namespace longplay {

/// Keys and values of every token so far, in storage that doubles when it is full.
class KeyValueCache : public MixerState {
 public:
  /// `capacity` [tokens] is what the first storage holds.
  explicit KeyValueCache(int64_t capacity);

  /// keys, values [B, H, T, K]; the first call fixes B, H, K, dtype and device.
  void Append(const torch::Tensor& keys, const torch::Tensor& values);

  torch::Tensor keys() const { return keys_.narrow(2, 0, size_); }      // [B, H, size, K] view
  torch::Tensor values() const { return values_.narrow(2, 0, size_); }  // [B, H, size, K] view
  int64_t size() const { return size_; }                                // [tokens]

 private:
  void Reserve(const torch::Tensor& like, int64_t tokens);

  int64_t capacity_, size_ = 0;
  torch::Tensor keys_, values_;  // [B, H, capacity, K]
};

}  // namespace longplay
