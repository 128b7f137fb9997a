// SPDX-License-Identifier: MIT
#include "env/physics/mujoco_version.h"

#include <gtest/gtest.h>
#include <mujoco/mujoco.h>

namespace longplay {
namespace {

// 3017000 is 3.17.0: the library that runs is the one whose headers were compiled.
TEST(MujocoVersionTest, LibraryAndHeadersAreOfOneVersion) {
  EXPECT_EQ(MujocoVersion(), std::to_string(mjVERSION_HEADER / 1000000) + "." +
                                 std::to_string(mjVERSION_HEADER / 1000 % 1000) + "." +
                                 std::to_string(mjVERSION_HEADER % 1000));
}

}  // namespace
}  // namespace longplay
