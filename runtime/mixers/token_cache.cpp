// SPDX-License-Identifier: MIT
#include "runtime/mixers/token_cache.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace longplay::runtime {
namespace {

int64_t RoundUp(int64_t count, int64_t multiple) {
  return (count + multiple - 1) / multiple * multiple;
}

/// `number` as number `index` at `to`.
void PutNumber(NumberType type, float number, float scale, std::byte* to, int64_t index) {
  switch (type) {
    case NumberType::kFloat32:
      reinterpret_cast<float*>(to)[index] = number;
      break;
    case NumberType::kFloat16:
      reinterpret_cast<uint16_t*>(to)[index] = HalfOf(number);
      break;
    case NumberType::kInt8:
      reinterpret_cast<int8_t*>(to)[index] = static_cast<int8_t>(std::nearbyint(number / scale));
      break;
  }
}

/// By which eight bits are multiplied: the largest number becomes 127.
float ScaleOf(const float* numbers, int64_t count) {
  float largest = 0;
  for (int64_t i = 0; i < count; ++i) largest = std::max(largest, std::fabs(numbers[i]));
  return largest > 0 ? largest / 127 : 1;
}

}  // namespace

TokenCache::TokenCache(const Sizes& sizes, const ContextRoom& room)
    : sizes_(sizes), type_(room.type) {
  // The narrower of the room's window and the layer's own span; without either all tokens.
  window_ = sizes.span;
  if (room.slides && (window_ == 0 || room.tokens < window_)) window_ = room.tokens;
  if (window_ == 0) {
    sizes_.sinks = 0;
    slots_ = room.tokens;
  } else if (!room.slides && window_ + sizes.sinks >= room.tokens) {
    // It never goes round: the context is full before.
    ring_ = room.tokens;
    slots_ = room.tokens + sizes.sinks;
  } else {
    // The oldest token that the first of a call's tokens sees stays until the last is appended.
    ring_ = window_ + room.cached - 1;
    slots_ = ring_ + sizes.sinks;
  }
  slots_ = RoundUp(slots_, kPanel);
  const int64_t K = sizes.head_width, G = sizes.shared_heads, bytes = BytesOf(type_);
  value_stride_ = RoundUp(K, kColumnStep);
  head_keys_ = slots_ * K * bytes;
  head_values_ = slots_ * value_stride_ * bytes;
  values_ = RoundUp(G * head_keys_, 64);
  key_scales_ = values_ + RoundUp(G * head_values_, 64);
  const int64_t scales = type_ == NumberType::kInt8 ? RoundUp(G * slots_ * 4, 64) : 0;
  value_scales_ = key_scales_ + scales;
  hidden_ = value_scales_ + scales;
  bytes_ = hidden_ + (sizes.hides ? RoundUp(slots_, 64) : 0);
  saved_token_ = 2 * G * K * bytes + (scales > 0 ? 2 * G * 4 : 0) + (sizes.hides ? 1 : 0);
}

int64_t TokenCache::SlotOf(int64_t position) const {
  if (window_ == 0 || position < sizes_.sinks) return position;
  return sizes_.sinks + (position - sizes_.sinks) % ring_;
}

int64_t TokenCache::Used(int64_t seen) const {
  return window_ == 0 ? seen : std::min(seen, sizes_.sinks + ring_);
}

void TokenCache::FindVisible(int64_t position, SlotRange (&visible)[3]) const {
  visible[0] = visible[1] = visible[2] = {};
  if (window_ == 0) {
    visible[0] = {0, position + 1};
    return;
  }
  const int64_t sinks = sizes_.sinks;
  visible[0] = {0, std::min(sinks, position + 1)};
  const int64_t oldest = std::max(sinks, position - window_ + 1);
  if (oldest > position) return;
  const int64_t first = SlotOf(oldest), last = SlotOf(position);
  if (first <= last) {
    visible[1] = {first, last + 1};
  } else {
    // The window goes over the ring's end.
    visible[1] = {sinks, last + 1};
    visible[2] = {first, sinks + ring_};
  }
}

void TokenCache::Append(std::byte* block, int64_t position, const float* key,
                        const float* value) const {
  const int64_t slot = SlotOf(position), K = sizes_.head_width;
  for (int64_t g = 0; g < sizes_.shared_heads; ++g, key += K, value += K) {
    float key_scale = 1, value_scale = 1;
    if (type_ == NumberType::kInt8) {
      key_scale = ScaleOf(key, K);
      value_scale = ScaleOf(value, K);
      reinterpret_cast<float*>(block + key_scales_)[g * slots_ + slot] = key_scale;
      reinterpret_cast<float*>(block + value_scales_)[g * slots_ + slot] = value_scale;
    }
    std::byte* const keys = block + g * head_keys_;
    std::byte* const values = block + values_ + g * head_values_;
    const int64_t first = slot / kPanel * K * kPanel + slot % kPanel;
    for (int64_t k = 0; k < K; ++k) {
      PutNumber(type_, key[k], key_scale, keys, first + k * kPanel);
      PutNumber(type_, value[k], value_scale, values, slot * value_stride_ + k);
    }
  }
}

void TokenCache::Hide(std::byte* block, int64_t position, bool hidden) const {
  block[hidden_ + SlotOf(position)] = static_cast<std::byte>(hidden ? 1 : 0);
}

void TokenCache::Attend(const Kernels& kernels, const std::byte* block, int64_t position,
                        int64_t count, ConstRows queries, MutableRows heads, float* scores) const {
  const int64_t K = sizes_.head_width, shared = sizes_.heads / sizes_.shared_heads;
  AttendCall call{.type = type_,
                  .head_width = K,
                  .value_stride = value_stride_,
                  .slots = Used(position + count),
                  .scale = 1 / std::sqrt(static_cast<float>(K)),
                  .scores = scores};
  if (sizes_.hides) call.hidden = reinterpret_cast<const uint8_t*>(block + hidden_);
  for (int64_t g = 0; g < sizes_.shared_heads; ++g) {
    call.keys = block + g * head_keys_;
    call.values = block + values_ + g * head_values_;
    if (type_ == NumberType::kInt8) {
      call.key_scales = reinterpret_cast<const float*>(block + key_scales_) + g * slots_;
      call.value_scales = reinterpret_cast<const float*>(block + value_scales_) + g * slots_;
    }
    // Queries that share this head's keys: all tokens', and those of all heads of the group.
    const int64_t all = count * shared;
    for (int64_t first = 0; first < all; first += kQueryTile) {
      call.queries = std::min(kQueryTile, all - first);
      for (int64_t q = 0; q < call.queries; ++q) {
        const int64_t token = (first + q) / shared, head = g * shared + (first + q) % shared;
        call.query[q] = queries.data + token * queries.stride + head * K;
        call.heads[q] = heads.data + token * heads.stride + head * K;
        FindVisible(position + token, call.visible[q]);
      }
      kernels.attend(call);
    }
  }
}

/// move(bytes of the cache, their number, a count of steps, how far each is apart) in a fixed order.
template <typename Move>
void TokenCache::MoveToken(std::byte* block, int64_t slot, const Move& move) const {
  const int64_t K = sizes_.head_width, size = BytesOf(type_);
  for (int64_t g = 0; g < sizes_.shared_heads; ++g) {
    std::byte* const keys =
        block + g * head_keys_ + (slot / kPanel * K * kPanel + slot % kPanel) * size;
    for (int64_t k = 0; k < K; ++k) move(keys + k * kPanel * size, size);
    move(block + values_ + g * head_values_ + slot * value_stride_ * size, K * size);
    if (type_ != NumberType::kInt8) continue;
    move(block + key_scales_ + (g * slots_ + slot) * 4, int64_t{4});
    move(block + value_scales_ + (g * slots_ + slot) * 4, int64_t{4});
  }
  if (sizes_.hides) move(block + hidden_ + slot, int64_t{1});
}

void TokenCache::Save(const std::byte* block, int64_t seen, std::byte* to) const {
  for (int64_t slot = 0; slot < Used(seen); ++slot) {
    MoveToken(const_cast<std::byte*>(block), slot, [&](const std::byte* part, int64_t bytes) {
      std::memcpy(to, part, static_cast<size_t>(bytes));
      to += bytes;
    });
  }
}

void TokenCache::Load(const std::byte* from, int64_t seen, std::byte* block) const {
  for (int64_t slot = 0; slot < Used(seen); ++slot) {
    MoveToken(block, slot, [&](std::byte* part, int64_t bytes) {
      std::memcpy(part, from, static_cast<size_t>(bytes));
      from += bytes;
    });
  }
}

}  // namespace longplay::runtime
