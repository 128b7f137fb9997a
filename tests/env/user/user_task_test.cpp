// SPDX-License-Identifier: MIT
#include "env/user/user_task.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>

#include "env/environment.h"
#include "env/list/make_listed_environment.h"
#include "env/physics/model_files.h"
#include "tests/env/mujoco_test.h"

namespace longplay {
namespace {

class UserTaskTest : public MujocoTest {};

constexpr double kInfinity = std::numeric_limits<double>::infinity();

std::unique_ptr<Environment> Make(const UserTaskOptions& options, int64_t batch = 1) {
  return MakeUserEnvironment(options, {.batch = batch});
}

// dm_control's cheetah as a user would describe it.
UserTaskOptions CheetahTwin() {
  return {.where = "cheetah.yaml",
          .where_model = "cheetah.yaml:1: model",
          .model = (ModelRoot() / "dm_control/suite/cheetah.xml").string(),
          .control_step = 0.01,
          .observation = {{.where = "a", .kind = QuantityKind::kPositions, .from = 1},
                          {.where = "b", .kind = QuantityKind::kVelocities}},
          .reward = {{.quantity = {.where = "c",
                                   .kind = QuantityKind::kSensor,
                                   .name = "torso_subtreelinvel",
                                   .axis = 0},
                      .measure = RewardTerm::Measure::kTolerance,
                      .tolerance = {.lower = 10,
                                    .upper = kInfinity,
                                    .margin = 10,
                                    .value_at_margin = 0,
                                    .sigmoid = Sigmoid::kLinear}}}};
}

TEST_F(UserTaskTest, TwinOfAListedTaskStepsTheSame) {
  const std::unique_ptr<Environment> listed =
      MakeListedEnvironment("dm_control/cheetah-run-v0", {});
  const std::unique_ptr<Environment> ours = Make(CheetahTwin());
  ASSERT_EQ(ours->spec().observation_size, listed->spec().observation_size);
  EXPECT_EQ(ours->spec().action_low, listed->spec().action_low);
  listed->Reset(0, 5);
  std::vector<double> state(listed->physics_states()->state_size());
  listed->physics_states()->GetState(0, state);
  ours->physics_states()->SetState(0, state, 0);
  listed->physics_states()->SetState(0, state, 0);
  for (uint64_t t = 0; t < 50; ++t) {
    const std::vector<double> actions = RandomActions(*listed, t);
    const uint8_t on = 1;
    EXPECT_EQ(listed->Step(actions, {&on, 1})[0].reward, ours->Step(actions, {&on, 1})[0].reward);
    EXPECT_TRUE(std::ranges::equal(listed->observation(0), ours->observation(0)));
  }
}

// A ball on a slide that falls from 1 m, pushed sideways by a motor.
constexpr const char* kModel = R"(
<mujoco>
  <option timestep="0.005"/>
  <worldbody>
    <body name="ball" pos="0 0 1">
      <joint name="x" type="slide" axis="1 0 0"/>
      <joint name="z" type="slide" axis="0 0 1"/>
      <geom name="ball" type="sphere" size="0.1" mass="1"/>
      <site name="top" pos="0 0 0.1"/>
    </body>
    <site name="goal" pos="1 0 1"/>
  </worldbody>
  <actuator><motor name="push" joint="x" ctrlrange="-2 2"/></actuator>
  <sensor><velocimeter name="speed" site="top"/></sensor>
  <keyframe><key name="high" qpos="0 3"/></keyframe>
</mujoco>
)";

class BallTest : public UserTaskTest {
 protected:
  BallTest() { std::ofstream(path_) << kModel; }
  ~BallTest() override { std::filesystem::remove(path_); }

  UserTaskOptions Ball() const {
    return {.where = "ball.yaml",
            .where_model = "ball.yaml:1: model",
            .where_control_step = "ball.yaml:2: control_step",
            .model = path_,
            .control_step = 0.01,
            .observation = {{.where = "o", .kind = QuantityKind::kPositions}},
            .reward = {{.quantity = {.where = "r", .kind = QuantityKind::kOne}}}};
  }

  // The observation, and the reward, after one control step at full push from rest.
  std::pair<std::vector<double>, double> StepOnce(const UserTaskOptions& options) const {
    const std::unique_ptr<Environment> environment = Make(options);
    environment->Reset(0, 1);
    const double push = 2;
    const uint8_t on = 1;
    const double reward = environment->Step({&push, 1}, {&on, 1})[0].reward;
    const auto seen = environment->observation(0);
    return {{seen.begin(), seen.end()}, reward};
  }

  void ExpectRefused(const UserTaskOptions& options, const std::string& part) const {
    EXPECT_THAT([&] { Make(options); },
                testing::ThrowsMessage<std::invalid_argument>(testing::HasSubstr(part)));
  }

  const std::string path_ = testing::TempDir() + "longplay_ball_" +
                            std::to_string(reinterpret_cast<uintptr_t>(this)) + ".xml";
};

// Two semi-implicit Euler steps of 5 ms: v = g h, z = g h^2 (1 + 2).
TEST_F(BallTest, QuantitiesAreThoseAfterTheStep) {
  UserTaskOptions task = Ball();
  using enum QuantityKind;
  task.observation = {{.kind = kJointPosition, .name = "z"},
                      {.kind = kJointVelocity, .name = "x"},
                      {.kind = kBodyPosition, .name = "ball"},
                      {.kind = kBodyVelocity, .name = "ball", .axis = 2},
                      {.kind = kSitePosition, .name = "top", .axis = 2},
                      {.kind = kSiteDifference, .name = "top", .to = "goal"},
                      {.kind = kSensor, .name = "speed", .axis = 0},
                      {.kind = kBodyUp, .name = "ball", .axis = 2},
                      {.kind = kControls},
                      {.kind = kVelocities, .from = 1, .clip = 0.05}};
  const auto [seen, reward] = StepOnce(task);
  const double g = -9.81, h = 0.005, z = 3 * g * h * h, x = 3 * 2 * h * h;
  const std::vector<double> expected = {
      z, 2 * 2 * h, x, 0, 1 + z, 2 * g * h, 1.1 + z, 1 - x, 0, -0.1 - z, 2 * 2 * h, 1, 2, -0.05};
  ASSERT_EQ(seen.size(), expected.size());
  for (size_t k = 0; k < expected.size(); ++k) EXPECT_NEAR(seen[k], expected[k], 1e-12) << k;
}

TEST_F(BallTest, RewardIsTheWeightedSumOfItsTerms) {
  UserTaskOptions task = Ball();
  using enum RewardTerm::Measure;
  task.reward = {
      {.quantity = {.kind = QuantityKind::kOne}, .weight = 0.5},
      {.quantity = {.kind = QuantityKind::kControls}, .measure = kSquares, .weight = -0.1},
      {.quantity = {.kind = QuantityKind::kVelocities}, .measure = kNorm, .weight = 2},
      {.quantity = {.kind = QuantityKind::kJointVelocity, .name = "z"}, .measure = kAbsolute}};
  const double vx = 0.02, vz = 0.0981;
  EXPECT_NEAR(StepOnce(task).second, 0.5 - 0.4 + 2 * std::hypot(vx, vz) + vz, 1e-12);
}

TEST_F(BallTest, EpisodeEndsWhenAQuantityLeavesItsRange) {
  UserTaskOptions task = Ball();
  task.termination = {
      {.quantity = {.kind = QuantityKind::kJointPosition, .name = "z"}, .lowest = -0.5}};
  const std::unique_ptr<Environment> environment = Make(task);
  environment->Reset(0, 1);
  int steps = 0;
  const double push = 0;
  const uint8_t on = 1;
  for (StepOutcome outcome; !outcome.over(); ++steps)
    outcome = environment->Step({&push, 1}, {&on, 1})[0];
  EXPECT_NEAR(steps * 0.01, std::sqrt(2 * 0.5 / 9.81), 0.011);
}

TEST_F(BallTest, EpisodesStartFromTheKeyframeWithNoise) {
  UserTaskOptions task = Ball();
  task.start = {.keyframe = "high", .position_noise = 0.1, .velocity_noise = 0.5};
  const std::unique_ptr<Environment> environment = Make(task, 64);
  double lowest = 10, highest = 0;
  for (int64_t i = 0; i < 64; ++i) {
    environment->Reset(i, i);
    lowest = std::min(lowest, environment->observation(i)[1]);
    highest = std::max(highest, environment->observation(i)[1]);
  }
  EXPECT_GE(lowest, 2.9);
  EXPECT_LE(highest, 3.1);
  EXPECT_GT(highest - lowest, 0.15);
}

TEST_F(BallTest, WhatTheModelLacksIsNamedWithItsPlace) {
  UserTaskOptions task = Ball();
  task.observation[0] = {
      .where = "ball.yaml:3: observation[0]", .kind = QuantityKind::kBodyPosition, .name = "bal"};
  ExpectRefused(task,
                "reading task: ball.yaml:3: observation[0]: expected the name of a body (world, "
                "ball), got \"bal\"");
  task = Ball();
  task.observation[0].from = 2;
  ExpectRefused(task, "from: 0 ... 1");
  task.observation[0] = {.where = "o", .kind = QuantityKind::kActivations};
  ExpectRefused(task, "expected a quantity that the model has");
  task = Ball();
  task.reward[0].quantity.kind = QuantityKind::kPositions;
  ExpectRefused(task, "r: expected one number");
  task = Ball();
  task.control_step = 0.012;
  ExpectRefused(task,
                "ball.yaml:2: control_step: expected a multiple of the model's timestep 0.005");
  task = Ball();
  task.model = "no_such.xml";
  ExpectRefused(task, "ball.yaml:1: model: expected an MJCF file, got none at no_such.xml");
  task = Ball();
  task.start.keyframe = "low";
  ExpectRefused(task, "keyframe");
  task = Ball();
  task.reward.clear();
  ExpectRefused(task, "reward: expected at least one term");
}

}  // namespace
}  // namespace longplay
