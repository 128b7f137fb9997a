// SPDX-License-Identifier: MIT
#include "agent/runs/output_claim.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "tests/temporary_folder.h"

namespace longplay {
namespace {

TEST(OutputClaimTest, TheSecondIsRefusedInOneLineAndNothingIsLeft) {
  const std::string out = TemporaryPath("data");
  {
    const OutputClaim claim(out, "writing data");
    try {
      const OutputClaim second(out + "/", "collecting data");  // the same place
      ADD_FAILURE() << "two have it";
    } catch (const std::invalid_argument& error) {
      EXPECT_THAT(error.what(), testing::HasSubstr("collecting data: " + out +
                                                   "/: expected no other process to write it, got "
                                                   "process "));
    }
    EXPECT_TRUE(std::filesystem::exists(out + ".claim"));
  }
  EXPECT_FALSE(std::filesystem::exists(out + ".claim"));
  const OutputClaim again(out, "writing data");
}

}  // namespace
}  // namespace longplay
