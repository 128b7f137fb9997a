// SPDX-License-Identifier: MIT
#include "env/list/fog_of_id.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace longplay {
namespace {

TEST(FogOfIdTest, ArgumentsAreThoseOfTheId) {
  const auto fog = FogOfId("family/fog-v0?drift=1e-5&steps=20");
  ASSERT_TRUE(fog.has_value());
  EXPECT_EQ(fog->drift, 1e-5);
  EXPECT_EQ(fog->sigma, 30);
  EXPECT_EQ(fog->steps, 20);
  EXPECT_TRUE(FogOfId("Fog").has_value());
}

TEST(FogOfIdTest, OtherEnvironmentsAreNone) {
  for (const char* id : {"", "Hopper-v5?frame_skip=2", "no such task", "tasks/fog.yaml?a=b",
                         "family/cue-recall-v0?distance=3", "Hopper-v5?="}) {
    EXPECT_FALSE(FogOfId(id).has_value()) << id;
  }
}

TEST(FogOfIdTest, WrongArgumentsAreRefused) {
  EXPECT_THROW(FogOfId("family/fog-v0?drift=2"), std::invalid_argument);
  EXPECT_THROW(FogOfId("family/fog-v0?speed=2"), std::invalid_argument);
}

}  // namespace
}  // namespace longplay
