// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <cstddef>
#include <deque>
#include <list>
#include <mutex>
#include <unordered_map>
#include <vector>

namespace longplay {

/// [bytes] Blocks of this size and more are mapped on their own and reused in their size.
inline constexpr size_t kLargeBlock = size_t{256} << 10;

/// Freed blocks that wait for the next tensor of exactly their size. A pass asks for the same sizes
/// again and again, and a page that comes fresh from the system costs as much as what is computed
/// on it. All functions may be called from any thread.
class BlockShelf {
 public:
  /// The one that was put last; nullptr where none of this size waits.
  void* Take(size_t bytes);
  void Put(void* block, size_t bytes);
  /// The oldest leave until no more than `bytes` wait; the caller frees them.
  std::vector<void*> Trim(size_t bytes);
  /// Of all that wait.
  size_t bytes() const { return bytes_.load(); }

 private:
  struct Waiting {
    void* block;
    size_t bytes;
  };
  using Blocks = std::list<Waiting>;

  std::mutex mutex_;
  Blocks waiting_;                                                    // the oldest first
  std::unordered_map<size_t, std::deque<Blocks::iterator>> of_size_;  // the same, by size
  std::atomic<size_t> bytes_{0};
};

}  // namespace longplay
