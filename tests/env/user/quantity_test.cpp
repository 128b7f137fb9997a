// SPDX-License-Identifier: MIT
#include "env/user/quantity.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <stdexcept>
#include <vector>

#include "env/physics/model_files.h"
#include "tests/env/mujoco_test.h"

namespace longplay {
namespace {

using testing::DoubleNear;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

// A free box with a ball joint and a hinge behind it; a muscle-like actuator has an activation.
constexpr const char* kModel = R"(
<mujoco>
  <option gravity="0 0 0"/>
  <worldbody>
    <body name="box" pos="0 0 1">
      <freejoint name="root"/><geom name="box" size="0.1" pos="0.5 0 0" mass="1"/>
      <site name="front" pos="1 0 0"/>
      <body name="arm">
        <joint name="shoulder" type="ball"/><geom size="0.1" mass="1"/>
        <body name="hand" pos="0 1 0"><joint name="wrist" axis="0 0 1"/><geom size="0.1" mass="1"/></body>
      </body>
    </body>
    <site name="mark" pos="3 2 1"/>
  </worldbody>
  <actuator><general name="slow" joint="wrist" dyntype="filter" dynprm="0.1"/></actuator>
  <sensor><gyro name="turn" site="front"/><jointpos name="bend" joint="wrist"/></sensor>
</mujoco>)";

class QuantityTest : public MujocoTest {
 protected:
  QuantityTest() {
    // A quarter turn to the left; it moves along x, turns about z, and the wrist is bent.
    const double h = std::sqrt(0.5);
    const std::vector<double> pose = {5, 6, 7, h, 0, 0, h, 1, 0, 0, 0, 0.25};
    std::ranges::copy(pose, data_->qpos);
    data_->qvel[0] = 2;
    data_->qvel[5] = 3;
    data_->qvel[9] = 4;
    data_->ctrl[0] = 0.5;
    data_->act[0] = 0.75;
    mj_forward(model_.get(), data_.get());
  }

  std::vector<double> Read(const QuantityOptions& options) const {
    const Quantity quantity(model_.get(), options);
    std::vector<double> numbers(quantity.size());
    quantity.Read({model_.get(), data_.get(), {}}, numbers.data());
    return numbers;
  }
  void ExpectRefused(const QuantityOptions& options, const std::string& part) const {
    EXPECT_THAT([&] { Quantity(model_.get(), options); },
                ThrowsMessage<std::invalid_argument>(HasSubstr(part)));
  }
  static auto About(double x) { return DoubleNear(x, 1e-14); }

  ModelPtr model_ = LoadModelText(kModel, "box");
  DataPtr data_{mj_makeData(model_.get())};
};

TEST_F(QuantityTest, EveryKindHasOneName) {
  std::set<std::string> names;
  std::set<QuantityKind> kinds;
  for (const auto& [name, kind] : QuantityKinds()) {
    names.insert(name);
    kinds.insert(kind);
  }
  EXPECT_EQ(names.size(), QuantityKinds().size());
  EXPECT_EQ(kinds.size(), static_cast<size_t>(QuantityKind::kSiteDifference) + 1);  // the last
}

TEST_F(QuantityTest, WholeStatesAreRead) {
  using enum QuantityKind;
  EXPECT_EQ(Read({.kind = kPositions}).size(), 7u + 4 + 1);
  EXPECT_EQ(Read({.kind = kVelocities}).size(), 6u + 3 + 1);
  EXPECT_THAT(Read({.kind = kControls}), ElementsAre(0.5));
  EXPECT_THAT(Read({.kind = kActivations}), ElementsAre(0.75));
  EXPECT_THAT(Read({.kind = kOne}), ElementsAre(1));
  EXPECT_THAT(Read({.kind = kSensors}), ElementsAre(About(0), About(0), About(3), 0.25));
}

TEST_F(QuantityTest, AJointHasAsManyNumbersAsItsType) {
  using enum QuantityKind;
  EXPECT_EQ(Read({.kind = kJointPosition, .name = "root"}).size(), 7u);
  EXPECT_EQ(Read({.kind = kJointVelocity, .name = "root"}).size(), 6u);
  EXPECT_THAT(Read({.kind = kJointPosition, .name = "shoulder"}), ElementsAre(1, 0, 0, 0));
  EXPECT_EQ(Read({.kind = kJointVelocity, .name = "shoulder"}).size(), 3u);
  EXPECT_THAT(Read({.kind = kJointPosition, .name = "wrist"}), ElementsAre(0.25));
  EXPECT_THAT(Read({.kind = kJointVelocity, .name = "wrist"}), ElementsAre(4));
}

TEST_F(QuantityTest, PlacesAreTheWorlds) {
  using enum QuantityKind;
  EXPECT_THAT(Read({.kind = kBodyPosition, .name = "box"}), ElementsAre(5, 6, 7));
  EXPECT_THAT(Read({.kind = kGeomPosition, .name = "box"}), ElementsAre(About(5), About(6.5), 7));
  EXPECT_THAT(Read({.kind = kSitePosition, .name = "front"}), ElementsAre(About(5), About(7), 7));
  EXPECT_THAT(Read({.kind = kSiteDifference, .name = "front", .to = "mark"}),
              ElementsAre(About(3 - 5), About(2 - 7), 1 - 7));
  const double h = std::sqrt(0.5);
  EXPECT_THAT(Read({.kind = kBodyOrientation, .name = "box"}),
              ElementsAre(About(h), 0, 0, About(h)));
}

TEST_F(QuantityTest, UpIsTheBodysOwnThirdAxis) {
  const double h = std::sqrt(0.5);
  const std::vector<double> on_its_side = {h, h, 0, 0};  // a quarter turn about x
  std::ranges::copy(on_its_side, data_->qpos + 3);
  mj_forward(model_.get(), data_.get());
  EXPECT_THAT(Read({.kind = QuantityKind::kBodyUp, .name = "box"}),
              ElementsAre(About(0), About(-1), About(0)));
}

// The hand is 1 m to the box's left, which is at -x after the turn: the turn moves it along -y.
TEST_F(QuantityTest, VelocitiesAreThoseOfTheBodysFrameInTheWorldsAxes) {
  using enum QuantityKind;
  EXPECT_THAT(Read({.kind = kBodyVelocity, .name = "box"}),
              ElementsAre(About(2), About(0), About(0)));
  EXPECT_THAT(Read({.kind = kBodyVelocity, .name = "hand"}),
              ElementsAre(About(2), About(-3), About(0)));
  EXPECT_THAT(Read({.kind = kBodyAngularVelocity, .name = "box"}),
              ElementsAre(About(0), About(0), About(3)));
  EXPECT_THAT(Read({.kind = kBodyAngularVelocity, .name = "hand"}),
              ElementsAre(About(0), About(0), About(3 + 4)));
}

TEST_F(QuantityTest, FromAxisAndClipChooseNumbers) {
  using enum QuantityKind;
  EXPECT_THAT(Read({.kind = kBodyPosition, .name = "box", .axis = 1}), ElementsAre(6));
  EXPECT_THAT(Read({.kind = kBodyPosition, .name = "box", .from = 1}), ElementsAre(6, 7));
  EXPECT_THAT(Read({.kind = kBodyPosition, .name = "box", .clip = 5.5}), ElementsAre(5, 5.5, 5.5));
  EXPECT_THAT(Read({.kind = kSensor, .name = "turn", .axis = 2}), ElementsAre(About(3)));
}

TEST_F(QuantityTest, WrongChoicesAreNamed) {
  using enum QuantityKind;
  ExpectRefused({.where = "t.yaml:3", .kind = kJointPosition, .name = "wrist", .axis = 1},
                "reading task: t.yaml:3: expected a quantity with an axis y, got 1 number(s)");
  ExpectRefused({.kind = kBodyPosition, .name = "box", .from = 3}, "from: 0 ... 2, got 3");
  ExpectRefused({.kind = kBodyPosition, .name = "box", .from = -1}, "from: 0 ... 2, got -1");
}

TEST_F(QuantityTest, WrongNamesAreAnsweredByThoseThereAre) {
  using enum QuantityKind;
  ExpectRefused({.kind = kJointPosition, .name = "elbow"},
                "the name of a joint (root, shoulder, wrist), got \"elbow\"");
  ExpectRefused({.kind = kSensor, .name = "speed"}, "the name of a sensor (turn, bend)");
  ExpectRefused({.kind = kGeomPosition, .name = "hand"}, "the name of a geom (box)");
  ExpectRefused({.kind = kSiteDifference, .name = "front", .to = "back"},
                "the name of a site (mark, front), got \"back\"");
}

TEST_F(QuantityTest, OfManyNamesTwelveAreShown) {
  std::string xml = "<mujoco><worldbody>";
  for (int k = 1; k <= 13; ++k) xml += "<site name='s" + std::to_string(k) + "'/>";
  const ModelPtr many = LoadModelText(xml + "</worldbody></mujoco>", "many");
  EXPECT_THAT([&] { Quantity(many.get(), {.kind = QuantityKind::kSitePosition, .name = "s"}); },
              ThrowsMessage<std::invalid_argument>(HasSubstr("s11, s12, ...), got \"s\"")));
  EXPECT_THAT([&] { Quantity(many.get(), {.kind = QuantityKind::kSensor, .name = "s"}); },
              ThrowsMessage<std::invalid_argument>(HasSubstr("(none has a name)")));
}

}  // namespace
}  // namespace longplay
