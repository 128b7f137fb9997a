// SPDX-License-Identifier: MIT
#include "env/rendering/renderer.h"

#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <set>

#include "env/list/make_listed_environment.h"
#include "tests/env/mujoco_test.h"

namespace longplay {
namespace {

class RendererTest : public MujocoTest {
 protected:
  // The test is about pictures; a machine without EGL is another matter, and it says so.
  std::unique_ptr<Camera> MakeCamera(const Environment& environment, int width, int height) {
    try {
      return environment.rendering()->MakeCamera(width, height);
    } catch (const std::runtime_error& error) {
      reason_ = error.what();
      return nullptr;
    }
  }
  std::string reason_;
};

TEST_F(RendererTest, FrameShowsTheCartpole) {
  unsetenv("DISPLAY");
  const auto environment = MakeListedEnvironment("dm_control/cartpole-swingup-v0", {});
  environment->Reset(0, 1);
  const auto camera = MakeCamera(*environment, 161, 120);
  if (!camera) GTEST_SKIP() << reason_;
  const std::vector<uint8_t> frame = camera->Take(0, "");
  ASSERT_EQ(frame.size(), 161u * 120 * 3);
  std::set<std::array<uint8_t, 3>> colours;
  for (size_t k = 0; k < frame.size(); k += 3)
    colours.insert({frame[k], frame[k + 1], frame[k + 2]});
  EXPECT_GT(colours.size(), 50u);
  EXPECT_EQ(camera->Take(0, ""), frame);
  EXPECT_NE(camera->Take(0, "return 12.5"), frame);
}

TEST_F(RendererTest, GoalIsDrawnWhereItIs) {
  const auto environment = MakeListedEnvironment("family/point-goal-v0", {});
  const auto camera = MakeCamera(*environment, 160, 120);
  if (!camera) GTEST_SKIP() << reason_;
  std::vector<std::vector<uint8_t>> frames;
  for (uint64_t goal : {1, 2}) {
    environment->StartChain(0, goal);
    environment->Reset(0, 7);
    frames.push_back(camera->Take(0, ""));
  }
  EXPECT_NE(frames[0], frames[1]);
}

}  // namespace
}  // namespace longplay
