// SPDX-License-Identifier: MIT
#include "model/memory/block_shelf.h"

#include <algorithm>
#include <iterator>

namespace longplay {

void* BlockShelf::Take(size_t bytes) {
  const std::lock_guard lock(mutex_);
  const auto found = std::find_if(waiting_.rbegin(), waiting_.rend(),
                                  [bytes](const Waiting& one) { return one.bytes == bytes; });
  if (found == waiting_.rend()) return nullptr;
  void* block = found->block;
  waiting_.erase(std::prev(found.base()));
  bytes_ -= bytes;
  return block;
}

void BlockShelf::Put(void* block, size_t bytes) {
  const std::lock_guard lock(mutex_);
  waiting_.push_back({block, bytes});
  bytes_ += bytes;
}

std::vector<void*> BlockShelf::Trim(size_t bytes) {
  const std::lock_guard lock(mutex_);
  std::vector<void*> leaving;
  while (bytes_ > bytes && !waiting_.empty()) {
    leaving.push_back(waiting_.front().block);
    bytes_ -= waiting_.front().bytes;
    waiting_.pop_front();
  }
  return leaving;
}

}  // namespace longplay
