// SPDX-License-Identifier: MIT
#include "model/tensors/large_blocks.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>

#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace longplay {
namespace {

#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

struct Free {
  void operator()(void* block) const { std::free(block); }
};
using Block = std::unique_ptr<void, Free>;

size_t MappedBlocks() { return mallinfo2().hblks; }

// Untouched, glibc takes blocks from its heap once a larger one was freed.
TEST(LargeBlocksTest, BlocksAreMappedWhateverWasFreedBefore) {
  MapLargeBlocks();
  Block(std::malloc(4 * kLargeBlock)).reset();
  const size_t before = MappedBlocks();
  const Block large(std::malloc(kLargeBlock));
  EXPECT_EQ(MappedBlocks(), before + 1);
  const Block small(std::malloc(kLargeBlock / 2));
  EXPECT_EQ(MappedBlocks(), before + 1);
}

#else

TEST(LargeBlocksTest, OtherAllocatorsAreLeftAlone) { MapLargeBlocks(); }

#endif

}  // namespace
}  // namespace longplay
