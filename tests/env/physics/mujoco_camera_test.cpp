// SPDX-License-Identifier: MIT
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <vector>

#include "env/list/make_listed_environment.h"
#include "tests/env/mujoco_test.h"

namespace longplay {
namespace {

constexpr int kWidth = 96, kHeight = 64;

// Two poles: one stands, one hangs.
class MujocoCameraTest : public MujocoTest {
 protected:
  void SetUp() override {
    const std::vector<double> still = {0, 0};
    poles_->physics_states()->SetPositions(0, std::vector<double>{0, 0}, still, 0);
    poles_->physics_states()->SetPositions(1, std::vector<double>{0, 3.14}, still, 0);
    try {
      camera_ = poles_->rendering()->MakeCamera(kWidth, kHeight);
    } catch (const std::runtime_error& error) {
      GTEST_SKIP() << error.what();  // without EGL there are no pictures
    }
  }

  std::unique_ptr<Environment> poles_ =
      MakeListedEnvironment("dm_control/cartpole-balance-v0", {.batch = 2});
  std::unique_ptr<Camera> camera_;
};

TEST_F(MujocoCameraTest, EachSimulationHasItsOwnPicture) {
  const std::vector<uint8_t> standing = camera_->Take(0, ""), hanging = camera_->Take(1, "");
  EXPECT_EQ(standing.size(), static_cast<size_t>(kWidth * kHeight * 3));
  EXPECT_NE(standing, hanging);
  EXPECT_EQ(camera_->Take(0, ""), standing);
}

TEST_F(MujocoCameraTest, APictureShowsTheSimulationAsItIsNow) {
  const std::vector<uint8_t> standing = camera_->Take(0, "");
  for (int t = 0; t < 30; ++t) {
    poles_->Step(std::vector<double>{1, 0}, std::vector<uint8_t>{1, 0});
  }
  EXPECT_NE(camera_->Take(0, ""), standing);
}

TEST_F(MujocoCameraTest, TakingAPictureChangesNothing) {
  const std::vector<double> actions = {0.3, 0.3};
  const std::vector<uint8_t> both = {1, 1};
  const auto twin = MakeListedEnvironment("dm_control/cartpole-balance-v0", {});
  twin->physics_states()->SetPositions(0, std::vector<double>{0, 0}, std::vector<double>{0, 0}, 0);
  for (int t = 0; t < 3; ++t) {
    camera_->Take(0, "");
    poles_->Step(actions, both);
    twin->Step(std::span(actions).first(1), std::span(both).first(1));
  }
  EXPECT_THAT(poles_->observation(0), testing::ElementsAreArray(twin->observation(0)));
}

TEST_F(MujocoCameraTest, ASimulationThatIsNotThereIsRefused) {
  EXPECT_THROW(camera_->Take(2, ""), std::invalid_argument);
}

TEST_F(MujocoCameraTest, APictureHasAtLeastOnePixel) {
  EXPECT_THAT([&] { poles_->rendering()->MakeCamera(0, 10); },
              testing::ThrowsMessage<std::invalid_argument>(
                  testing::HasSubstr("size: expected at least 1 x 1, got 0 x 10")));
}

}  // namespace
}  // namespace longplay
