// SPDX-License-Identifier: MIT
#include "model/memory/large_blocks.h"

#include <cstdlib>

#include "model/memory/block_shelf.h"
#include "model/memory/memory_meter.h"

#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace longplay {
namespace {

void MapLargeBlocks() {
#ifdef __GLIBC__
  if (std::getenv("MALLOC_MMAP_THRESHOLD_") != nullptr) return;
  mallopt(M_MMAP_THRESHOLD, static_cast<int>(kLargeBlock));
  // What is free at the heap's end stays for the next pass, up to so much.
  constexpr int kHeapEnd = 16 << 20;  // [bytes]
  mallopt(M_TRIM_THRESHOLD, kHeapEnd);
#endif
}

}  // namespace

void ReuseLargeBlocks() {
  MapLargeBlocks();
  InstallMemoryMeter(FreedBlocks::kReused);
}

}  // namespace longplay
