// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>

namespace longplay::runtime {

/// One block of memory, handed out in order. What is built from it is built twice: first without a
/// block, which counts, then with one of that size. All memory of a policy comes from it.
class Arena {
 public:
  Arena() = default;
  explicit Arena(std::byte* block) : block_(block) {}

  bool counts() const { return block_ == nullptr; }
  /// `count` numbers on a boundary of 64 bytes; null while it counts. The block is zero at first.
  template <typename T>
  T* Take(int64_t count) {
    std::byte* const at = block_ == nullptr ? nullptr : block_ + used_;
    uint64_t bytes = 0;
    // Too much for 64 bits is too much for any machine.
    if (__builtin_mul_overflow(static_cast<uint64_t>(count), sizeof(T), &bytes) ||
        bytes > kTooMuch || used_ > kTooMuch) {
      used_ = kTooMuch;
      return nullptr;
    }
    used_ += (bytes + 63) / 64 * 64;
    return reinterpret_cast<T*>(at);
  }
  uint64_t used() const { return used_; }  // [bytes]

  static constexpr uint64_t kTooMuch = uint64_t{1} << 50;

 private:
  std::byte* block_ = nullptr;
  uint64_t used_ = 0;
};

}  // namespace longplay::runtime
