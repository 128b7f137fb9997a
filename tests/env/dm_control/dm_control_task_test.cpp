// SPDX-License-Identifier: MIT
#include "env/dm_control/dm_control_task.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <stdexcept>

#include "env/physics/model_files.h"
#include "tests/env/mujoco_test.h"

namespace longplay {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

constexpr double kPi = std::numbers::pi;
constexpr double kGravity = 9.81, kStep = 0.01;  // [m/s^2], [s]

// A weight on a vertical slide that starts 2 m up and earns its height; two motors without effect.
std::string Falling(const std::string& integrator) {
  return "<mujoco><option timestep='0.01' integrator='" + integrator + R"('/>
    <worldbody><body name='weight' pos='0 0 1'>
      <joint name='z' type='slide' axis='0 0 1'/><geom size='0.1' mass='1'/>
    </body></worldbody>
    <actuator><motor joint='z' gear='0'/><motor joint='z' gear='0'/></actuator></mujoco>)";
}

class Weight : public DmControlTask {
 public:
  Weight(const std::string& integrator, int substeps)
      : DmControlTask(LoadModelText(Falling(integrator), "weight"), substeps) {}
  void Observe(const Simulation& s, std::span<double> observation) const override {
    observation[0] = s.data->qpos[0];
  }
  using DmControlTask::Body;
  using DmControlTask::PositionAddress;
  using DmControlTask::SensorAddress;

 protected:
  void InitializeEpisode(const Simulation& s, RandomGenerator&) const override {
    s.data->qpos[0] = 1;
  }
  double Reward(const Simulation& s) const override { return s.data->xpos[5]; }  // of body 1
};

class DmControlTaskTest : public MujocoTest {
 protected:
  RandomGenerator random_{1, RandomGenerator::Stream::kEpisode};
};

// Semi-implicit Euler: after n steps v = -g n h and z = -g h^2 n (n + 1) / 2. The reward reads a
// body's position, which would lag by a step after mj_step alone.
TEST_F(DmControlTaskTest, AStepLeavesPositionsUpToDate) {
  const Weight task("Euler", 3);
  const DataPtr data(mj_makeData(task.model()));
  const Simulation s = {task.model(), data.get(), {}};
  task.Initialize(s, random_);
  EXPECT_EQ(task.StateReward(s), 2);
  EXPECT_NEAR(task.Step(s, std::vector<double>{0, 0}).reward,
              2 - kGravity * kStep * kStep * 3 * 4 / 2, 1e-14);
  EXPECT_NEAR(data->time, 3 * kStep, 1e-14);
}

// Runge-Kutta is exact here: z = -g t^2 / 2.
TEST_F(DmControlTaskTest, AStepOfRungeKuttaTakesAsLong) {
  const Weight task("RK4", 3);
  const DataPtr data(mj_makeData(task.model()));
  const Simulation s = {task.model(), data.get(), {}};
  task.Initialize(s, random_);
  const double time = 3 * kStep;
  EXPECT_NEAR(task.Step(s, std::vector<double>{0, 0}).reward, 2 - kGravity * time * time / 2,
              1e-14);
  EXPECT_NEAR(data->time, time, 1e-14);
}

TEST_F(DmControlTaskTest, SmallControlIsTheMeanOfOneMinusSquares) {
  const Weight task("Euler", 1);
  const DataPtr data(mj_makeData(task.model()));
  const Simulation s = {task.model(), data.get(), {}};
  EXPECT_EQ(SmallControl(s), 1);
  data->ctrl[0] = 0.5;
  EXPECT_NEAR(SmallControl(s), (0.75 + 1) / 2, 1e-15);
  data->ctrl[1] = -1;
  EXPECT_NEAR(SmallControl(s), (0.75 + 0) / 2, 1e-15);
  data->ctrl[1] = 3;  // no less than nothing
  EXPECT_NEAR(SmallControl(s), (0.75 + 0) / 2, 1e-15);
}

TEST_F(DmControlTaskTest, WhatTheModelLacksIsNamed) {
  const Weight task("Euler", 1);
  EXPECT_THAT([&] { task.Body("feather"); },
              ThrowsMessage<std::runtime_error>(HasSubstr("expected a body named feather")));
  EXPECT_THAT([&] { task.PositionAddress("x"); },
              ThrowsMessage<std::runtime_error>(HasSubstr("expected a joint named x")));
  EXPECT_THAT([&] { task.SensorAddress("speed"); },
              ThrowsMessage<std::runtime_error>(HasSubstr("expected a sensor named speed")));
}

// A joint of each kind, limited and not; numbers of qpos by joint.
constexpr const char* kJoints = R"(
<mujoco>
  <worldbody>
    <body><freejoint/><geom size='0.1'/></body>
    <body><joint type='ball'/><geom size='0.1'/></body>
    <body><joint type='ball' limited='true' range='0 30'/><geom size='0.1'/></body>
    <body><joint type='hinge'/><geom size='0.1'/></body>
    <body><joint type='hinge' limited='true' range='10 20'/><geom size='0.1'/></body>
    <body><joint type='slide'/><geom size='0.1'/></body>
    <body><joint type='slide' limited='true' range='3 4'/><geom size='0.1'/></body>
  </worldbody>
</mujoco>)";
constexpr int kFree = 0, kBall = 7, kLimitedBall = 11, kHinge = 15, kLimitedHinge = 16, kSlide = 17,
              kLimitedSlide = 18;

TEST_F(DmControlTaskTest, JointsAreDrawnWithinTheirLimits) {
  const ModelPtr model = LoadModelText(kJoints, "joints");
  const DataPtr data(mj_makeData(model.get()));
  const double* q = data->qpos;
  double widest_hinge = 0, widest_ball = 0;
  for (int draw = 0; draw < 200; ++draw) {
    mj_resetData(model.get(), data.get());
    RandomizeJoints({model.get(), data.get(), {}}, random_);
    for (int k = 0; k < 3; ++k) EXPECT_EQ(q[kFree + k], 0);  // only its orientation is drawn
    for (int k = 3; k < 7; ++k) EXPECT_GE(q[kFree + k], 0);
    EXPECT_LE(std::abs(q[kHinge]), kPi);
    EXPECT_GE(q[kLimitedHinge], 10 * kPi / 180);
    EXPECT_LE(q[kLimitedHinge], 20 * kPi / 180);
    EXPECT_EQ(q[kSlide], 0);
    EXPECT_GE(q[kLimitedSlide], 3);
    EXPECT_LE(q[kLimitedSlide], 4);
    for (const int at : {kFree + 3, kBall, kLimitedBall})
      EXPECT_NEAR(mju_norm(q + at, 4), 1, 1e-14);
    const double angle = 2 * std::acos(std::min(1.0, q[kLimitedBall]));
    EXPECT_LE(angle, 30 * kPi / 180 + 1e-7);  // acos is steep near 1
    widest_ball = std::max(widest_ball, angle);
    widest_hinge = std::max(widest_hinge, std::abs(q[kHinge]));
  }
  EXPECT_GT(widest_hinge, 0.9 * kPi);
  EXPECT_GT(widest_ball, 25 * kPi / 180);
}

// Uniform on the sphere in four dimensions: each number has mean 0 and mean square 1/4.
TEST_F(DmControlTaskTest, QuaternionsAreDrawnUniformly) {
  constexpr int kDraws = 4000;
  double sum[4] = {}, squares[4] = {};
  for (int draw = 0; draw < kDraws; ++draw) {
    double q[4];
    DrawQuaternion(q, random_);
    for (int k = 0; k < 4; ++k) {
      sum[k] += q[k] / kDraws;
      squares[k] += q[k] * q[k] / kDraws;
    }
  }
  for (int k = 0; k < 4; ++k) {
    EXPECT_NEAR(sum[k], 0, 0.04);  // five standard errors of 0.5 / sqrt(4000)
    EXPECT_NEAR(squares[k], 0.25, 0.02);
  }
}

}  // namespace
}  // namespace longplay
