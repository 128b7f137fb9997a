// SPDX-License-Identifier: MIT
#include "agent/ranks/machine_share.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace longplay {
namespace {

// Twelve cores "fff": two ranks on them share them; one that is bound to four has those.
TEST(ShareOfMachineTest, CoresAreDividedAmongThoseWhoUseThem) {
  const std::vector<std::string> said = {"a|fff", "a|fff", "b|0f", "b|f", "c|1"};
  EXPECT_EQ(ShareOfMachine(said, 0).threads, 6);
  EXPECT_EQ(ShareOfMachine(said, 1).local_rank, 1);
  EXPECT_EQ(ShareOfMachine(said, 1).local_size, 2);
  EXPECT_EQ(ShareOfMachine(said, 2).threads, 4);
  EXPECT_EQ(ShareOfMachine(said, 3).threads, 4);
  EXPECT_EQ(ShareOfMachine(said, 4).threads, 1);
  EXPECT_EQ(ShareOfMachine(said, 4).local_size, 1);
}

TEST(ShareOfMachineTest, AProcessSaysItsMachineAndCores) {
  EXPECT_THAT(MachineAndCores(), testing::MatchesRegex("[^|]+[|][0-9a-f]+"));
  EXPECT_EQ(ShareOfMachine({MachineAndCores()}, 0).local_size, 1);
}

// Its own loopback is where no other machine finds it.
TEST(ShareOfMachineTest, TheLoopbackIsNoAddressForOthers) {
  EXPECT_EQ(AddressTowards("127.0.0.1"), "");
  EXPECT_EQ(AddressTowards("no such name"), "");
}

}  // namespace
}  // namespace longplay
