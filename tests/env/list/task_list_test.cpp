// SPDX-License-Identifier: MIT
#include "env/list/task_list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

namespace longplay {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

TEST(TaskListTest, EveryEntryIsFoundByItsId) {
  for (const EnvironmentEntry& entry : AllEnvironments()) {
    EXPECT_EQ(&FindEnvironment(entry.spec.id).entry, &entry);
  }
}

TEST(TaskListTest, TheThreeClosestIdsAreNamedTheClosestFirst) {
  EXPECT_THAT([] { FindEnvironment("Waker2d-v5"); },
              ThrowsMessage<std::invalid_argument>(HasSubstr("(closest: Walker2d-v5, ")));
  EXPECT_THAT([] { FindEnvironment("dm_control/walker-jog-v0"); },
              ThrowsMessage<std::invalid_argument>(
                  HasSubstr("(closest: dm_control/walker-run-v0, dm_control/walker-flip-v0, "
                            "dm_control/walker-walk-v0), got \"dm_control/walker-jog-v0\"")));
}

TEST(TaskListTest, ArgumentsAreNoPartOfAnId) {
  EXPECT_THROW(FindEnvironment("Hopper-v5?frame_skip=2"), std::invalid_argument);
  EXPECT_THROW(FindEnvironment(""), std::invalid_argument);
}

}  // namespace
}  // namespace longplay
