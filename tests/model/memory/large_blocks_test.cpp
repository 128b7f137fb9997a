// SPDX-License-Identifier: MIT
#include "model/memory/large_blocks.h"

#include <gtest/gtest.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <cstdlib>
#include <memory>
#include <vector>

#include "model/memory/block_shelf.h"
#include "model/memory/memory_meter.h"

#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace longplay {
namespace {

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

torch::Tensor LargeTensor(int64_t blocks) {
  return torch::empty({blocks * static_cast<int64_t>(kLargeBlock)}, torch::kUInt8);
}

// Where a block lies says whether it is the same.
TEST(ReuseLargeBlocksTest, FreedBlocksServeTensorsOfTheirSizeAlone) {
  ReuseLargeBlocks();
  // Eight were used together once, so five may wait beside three.
  LargeTensor(8);
  const void* freed = LargeTensor(3).data_ptr();
  const torch::Tensor other = LargeTensor(2);
  EXPECT_NE(other.data_ptr(), freed);
  EXPECT_EQ(LargeTensor(3).data_ptr(), freed);
  ReturnFreedBlocks();
}

TEST(ReuseLargeBlocksTest, WaitingBlocksLeaveWhenOthersNeedTheirMemory) {
  ReuseLargeBlocks();
  ReturnFreedBlocks();
  const int64_t before = ProcessBytes();
  // 400 blocks at the most; afterwards half of them serve tensors of another size.
  LargeTensor(400).fill_(1);
  constexpr int64_t kBlock = kLargeBlock, kOther = 2 << 20;
  EXPECT_GT(ProcessBytes() - before, 390 * kBlock);
  const torch::Tensor other = LargeTensor(200).fill_(1);
  EXPECT_LT(ProcessBytes() - before, 200 * kBlock + kOther);
  ReturnFreedBlocks();
}

#endif

#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

struct Free {
  void operator()(void* block) const { std::free(block); }
};
using Block = std::unique_ptr<void, Free>;

size_t MappedBlocks() { return mallinfo2().hblks; }

// Untouched, glibc takes blocks from its heap once a larger one was freed. The first may fill holes
// that other tests left.
TEST(ReuseLargeBlocksTest, BlocksAreMappedWhateverWasFreedBefore) {
  ReuseLargeBlocks();
  constexpr size_t kSize = size_t{4} << 20;
  Block(std::malloc(2 * kSize)).reset();
  std::vector<Block> blocks;
  for (int i = 0; i < 64; ++i) blocks.emplace_back(std::malloc(kSize));
  const size_t before = MappedBlocks();
  const Block large(std::malloc(kSize));
  EXPECT_EQ(MappedBlocks(), before + 1);
  const Block small(std::malloc(kLargeBlock / 2));
  EXPECT_EQ(MappedBlocks(), before + 1);
}

#else

TEST(ReuseLargeBlocksTest, OtherAllocatorsAreLeftAlone) { ReuseLargeBlocks(); }

#endif

}  // namespace
}  // namespace longplay
