// SPDX-License-Identifier: MIT
#include "env/list/environment_id.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

namespace longplay {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

TEST(EnvironmentIdTest, AnIdMayHaveNoArguments) {
  EXPECT_EQ(ParseEnvironmentId("Hopper-v5").name, "Hopper-v5");
  EXPECT_THAT(ParseEnvironmentId("Hopper-v5").arguments, IsEmpty());
  EXPECT_THAT(ParseEnvironmentId("Hopper-v5?").arguments, IsEmpty());
}

TEST(EnvironmentIdTest, ArgumentsFollowAQuestionMark) {
  const EnvironmentId id = ParseEnvironmentId("Hopper-v5?healthy_z_range=0.8,inf&frame_skip=2");
  EXPECT_EQ(id.name, "Hopper-v5");
  EXPECT_THAT(id.arguments,
              ElementsAre(Pair("frame_skip", "2"), Pair("healthy_z_range", "0.8,inf")));
}

TEST(EnvironmentIdTest, AValueMayBeEmptyOrHoldEqualsSigns) {
  EXPECT_THAT(ParseEnvironmentId("A?x=&y=a=b?c").arguments,
              ElementsAre(Pair("x", ""), Pair("y", "a=b?c")));
}

TEST(EnvironmentIdTest, APartThatIsNoArgumentIsNamed) {
  for (const auto& [id, part] : {std::pair{"A?frame_skip", "frame_skip"},
                                 {"A?x=1&&y=2", ""},
                                 {"A?=1", "=1"},
                                 {"A?x=1&x=2", "x=2"}}) {
    const auto parse = [text = id] { ParseEnvironmentId(text); };
    EXPECT_THAT(parse, testing::ThrowsMessage<std::invalid_argument>(
                           std::string("making an environment: ") + id +
                           ": expected NAME?argument=value&..., each once, got \"" + part + "\""));
  }
}

}  // namespace
}  // namespace longplay
