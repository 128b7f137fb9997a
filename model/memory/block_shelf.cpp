// SPDX-License-Identifier: MIT
#include "model/memory/block_shelf.h"

#include <iterator>

namespace longplay {

void* BlockShelf::Take(size_t bytes) {
  const std::lock_guard lock(mutex_);
  const auto found = of_size_.find(bytes);
  if (found == of_size_.end()) return nullptr;
  const Blocks::iterator last = found->second.back();
  void* block = last->block;
  waiting_.erase(last);
  found->second.pop_back();
  if (found->second.empty()) of_size_.erase(found);
  bytes_ -= bytes;
  return block;
}

void BlockShelf::Put(void* block, size_t bytes) {
  const std::lock_guard lock(mutex_);
  waiting_.push_back({block, bytes});
  of_size_[bytes].push_back(std::prev(waiting_.end()));
  bytes_ += bytes;
}

std::vector<void*> BlockShelf::Trim(size_t bytes) {
  const std::lock_guard lock(mutex_);
  std::vector<void*> leaving;
  while (bytes_ > bytes && !waiting_.empty()) {
    const Waiting oldest = waiting_.front();
    leaving.push_back(oldest.block);
    bytes_ -= oldest.bytes;
    const auto same = of_size_.find(oldest.bytes);
    same->second.pop_front();
    if (same->second.empty()) of_size_.erase(same);
    waiting_.pop_front();
  }
  return leaving;
}

}  // namespace longplay
