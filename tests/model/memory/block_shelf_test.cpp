// SPDX-License-Identifier: MIT
#include "model/memory/block_shelf.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace longplay {
namespace {

TEST(BlockShelfTest, GivesTheLastBlockOfASizeAndLetsTheOldestGo) {
  BlockShelf shelf;
  char blocks[4];
  shelf.Put(&blocks[0], 10);
  shelf.Put(&blocks[1], 20);
  shelf.Put(&blocks[2], 10);
  shelf.Put(&blocks[3], 30);
  EXPECT_EQ(shelf.bytes(), 70);
  EXPECT_EQ(shelf.Take(15), nullptr);
  EXPECT_EQ(shelf.Take(10), &blocks[2]);
  EXPECT_EQ(shelf.bytes(), 60);
  EXPECT_THAT(shelf.Trim(60), testing::IsEmpty());
  EXPECT_THAT(shelf.Trim(45), testing::ElementsAre(&blocks[0], &blocks[1]));
  EXPECT_EQ(shelf.Take(30), &blocks[3]);
  EXPECT_EQ(shelf.Take(30), nullptr);
  EXPECT_EQ(shelf.bytes(), 0);
}

}  // namespace
}  // namespace longplay
