// SPDX-License-Identifier: MIT
#include "env/physics/mujoco_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <mujoco/mujoco.h>

#include <stdexcept>
#include <string>
#include <vector>

namespace longplay {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class MujocoLogTest : public testing::Test {
 protected:
  MujocoLogTest() {
    InstallMujocoLog();
    SetMujocoWarningSink([this](const std::string& warning) { warnings_.push_back(warning); });
  }
  ~MujocoLogTest() override {
    SetMujocoWarningSink([](const std::string&) {});
  }

  std::vector<std::string> warnings_;
};

TEST_F(MujocoLogTest, WarningsGoToTheSink) {
  mju_warning("the wheel is %s", "loose");
  EXPECT_THAT(warnings_, ElementsAre(testing::HasSubstr("the wheel is loose")));
}

TEST_F(MujocoLogTest, HarmlessWarningsAreKeptBack) {
  mju_warning("'settotalmass' is deprecated, use something else");
  mju_warning("Nan, Inf or huge value in QACC. The simulation is unstable. Time = 0.5.");
  EXPECT_THAT(warnings_, IsEmpty());
}

TEST_F(MujocoLogTest, TheLastSinkAloneHears) {
  std::vector<std::string> later;
  SetMujocoWarningSink([&later](const std::string& warning) { later.push_back(warning); });
  mju_warning("again");
  EXPECT_THAT(warnings_, IsEmpty());
  EXPECT_EQ(later.size(), 1u);
}

TEST_F(MujocoLogTest, AnErrorIsAnException) {
  EXPECT_THAT([] { mju_error("no %s left", "arena"); },
              testing::ThrowsMessage<std::runtime_error>(
                  testing::HasSubstr("running MuJoCo: no arena left")));
  EXPECT_THAT(warnings_, IsEmpty());
}

}  // namespace
}  // namespace longplay
