// SPDX-License-Identifier: MIT
#include "agent/files/crc32c.h"

#include <gtest/gtest.h>

#include <string>

namespace longplay {
namespace {

// RFC 3720, appendix B.4, and the customary check value.
TEST(Crc32cTest, GivesThePublishedValues) {
  EXPECT_EQ(Crc32c(std::string(32, '\0')), 0x8A9136AAU);
  EXPECT_EQ(Crc32c(std::string(32, '\xff')), 0x62A8AB43U);
  EXPECT_EQ(Crc32c("123456789"), 0xE3069283U);
}

}  // namespace
}  // namespace longplay
