// SPDX-License-Identifier: MIT
#include "env/dm_control/inverse_kinematics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "env/physics/model_files.h"
#include "tests/env/mujoco_test.h"

namespace longplay {
namespace {

// `links` of 1 m in the x-y plane, each turned by a hinge; the site is at the end of the third.
std::string Arm(int links) {
  std::string xml = "<mujoco><worldbody>", ends;
  for (int k = 0; k < links; ++k) {
    xml += k == 0 ? "<body>" : "<body pos='1 0 0'>";
    xml += "<joint type='hinge' axis='0 0 1'/><geom size='0.1' mass='1'/>";
    if (k == 2) xml += "<site name='tool' pos='1 0 0'/>";
    ends += "</body>";
  }
  return xml + ends + "</worldbody></mujoco>";
}

// Where three joints with these angles put the tool.
SitePose PoseOf(double a, double b, double c) {
  const double turned = a + b + c;
  return {{std::cos(a) + std::cos(a + b) + std::cos(turned),
           std::sin(a) + std::sin(a + b) + std::sin(turned), 0},
          {std::cos(turned / 2), 0, 0, std::sin(turned / 2)}};
}

class InverseKinematicsTest : public MujocoTest {
 protected:
  explicit InverseKinematicsTest(int links = 4)
      : model_(LoadModelText(Arm(links), "arm")), data_(mj_makeData(model_.get())) {
    for (int k = 0; k < links; ++k) data_->qpos[k] = 0.1;
  }
  bool Move(const SitePose& pose, int joints) {
    return MoveSite(model_.get(), data_.get(), 0, pose, joints);
  }

  ModelPtr model_;
  DataPtr data_;
};

TEST_F(InverseKinematicsTest, FindsAnglesThatGiveThePose) {
  const SitePose wanted = PoseOf(0.5, -0.8, 0.4);
  ASSERT_TRUE(Move(wanted, 3));
  const double* q = data_->qpos;
  const SitePose reached = PoseOf(q[0], q[1], q[2]);
  for (int k = 0; k < 2; ++k) EXPECT_NEAR(reached.position[k], wanted.position[k], 1e-12);
  // The whole angle, but for full turns.
  EXPECT_NEAR(std::cos(q[0] + q[1] + q[2] - (0.5 - 0.8 + 0.4)), 1, 1e-12);
}

TEST_F(InverseKinematicsTest, LaterJointsStay) {
  ASSERT_TRUE(Move(PoseOf(0.5, -0.8, 0.4), 3));
  EXPECT_EQ(data_->qpos[3], 0.1);
}

TEST_F(InverseKinematicsTest, GivesUpOnWhatIsOutOfReach) {
  SitePose wanted = PoseOf(0.5, -0.8, 0.4);
  wanted.position[0] = 5;  // the arm is 3 m long
  EXPECT_FALSE(Move(wanted, 3));
  wanted = PoseOf(0.5, -0.8, 0.4);
  wanted.position[2] = 0.3;  // above the plane that it moves in
  EXPECT_FALSE(Move(wanted, 3));
}

class LongArmTest : public InverseKinematicsTest {
 protected:
  LongArmTest() : InverseKinematicsTest(9) {}
};

TEST_F(LongArmTest, NineJointsAreTooMany) {
  const SitePose here = PoseOf(0.1, 0.1, 0.1);
  EXPECT_TRUE(Move(here, 3));
  EXPECT_FALSE(Move(here, 9));
}

}  // namespace
}  // namespace longplay
