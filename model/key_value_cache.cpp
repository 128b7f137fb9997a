// SPDX-License-Identifier: MIT
#include "model/key_value_cache.h"

#include <ATen/Functions.h>

#include <algorithm>

namespace longplay {

KeyValueCache::KeyValueCache(int64_t capacity) : capacity_(std::max<int64_t>(capacity, 1)) {}

void KeyValueCache::Reserve(const torch::Tensor& like, int64_t tokens) {
  if (keys_.defined() && tokens <= capacity_) return;
  if (tokens > capacity_) capacity_ = std::max(tokens, 2 * capacity_);
  const auto grow = [&](torch::Tensor& storage) {
    auto larger = at::empty({like.size(0), like.size(1), capacity_, like.size(3)}, like.options());
    if (size_ > 0) larger.narrow(2, 0, size_).copy_(storage.narrow(2, 0, size_));
    storage = larger;
  };
  grow(keys_);
  grow(values_);
}

void KeyValueCache::Append(const torch::Tensor& keys, const torch::Tensor& values) {
  const int64_t tokens = keys.size(2);
  Reserve(keys, size_ + tokens);
  keys_.narrow(2, size_, tokens).copy_(keys);
  values_.narrow(2, size_, tokens).copy_(values);
  size_ += tokens;
}

}  // namespace longplay
