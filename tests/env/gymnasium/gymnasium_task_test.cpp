// SPDX-License-Identifier: MIT
#include "env/gymnasium/gymnasium_task.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <stdexcept>

#include "env/gymnasium/gymnasium_tasks.h"
#include "env/list/make_listed_environment.h"
#include "env/physics/model_files.h"
#include "tests/env/mujoco_test.h"
#include "tests/env/single_simulation.h"

namespace longplay {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

class GymnasiumTaskTest : public MujocoTest {};

// Beside 1e16 ones are lost one by one, but not their sums: ((a+1)+(1+1)) + ((1+1)+(1+1)).
TEST_F(GymnasiumTaskTest, SquaresAreAddedInNumpysOrder) {
  std::vector<double> values = {1e8, 1, 1, 1, 1, 1, 1};
  EXPECT_EQ(SumOfSquares(values), 1e16);  // fewer than eight: from left to right
  values.push_back(1);
  EXPECT_EQ(SumOfSquares(values), 1e16 + 6);
  values.insert(values.end(), {3, 4});                  // what is left over comes last
  EXPECT_EQ(SumOfSquares(values), 1e16 + 6 + 10 + 16);  // 9 is rounded to an even number
  EXPECT_EQ(SumOfSquares({}), 0);
}

TEST_F(GymnasiumTaskTest, CostsFollowThePrecisionOfTheActions) {
  const std::vector<double> action = {0.1, 0.2};
  Simulation s = {nullptr, nullptr, {}};
  EXPECT_NEAR(ControlCost(s, 0.5, action), 0.025, 1e-17);
  s.float32_actions = true;
  const float sum = 0.1f * 0.1f + 0.2f * 0.2f;
  EXPECT_NEAR(ControlCost(s, 0.5, action), 0.5f * sum, 1e-9);
  EXPECT_EQ(ControlCost(s, 0.5, action), static_cast<float>(ControlCost(s, 0.5, action)));
  EXPECT_NE(ControlCost(s, 0.5, action), 0.025);
}

TEST_F(GymnasiumTaskTest, NoiseStaysWithinItsScale) {
  SingleSimulation cheetah(HalfCheetahTasks(), "HalfCheetah-v5");
  const Simulation s = {cheetah.model(), cheetah.data(), {}};
  RandomGenerator random(1, RandomGenerator::Stream::kEpisode);
  double widest_position = 0, widest_velocity = 0, squares = 0;
  constexpr int kDraws = 200, kJoints = 9;
  for (int draw = 0; draw < kDraws; ++draw) {
    cheetah.Set({});
    AddUniformPositionNoise(s, 0.3, random);
    AddUniformVelocityNoise(s, 0.2, random);
    for (int k = 0; k < kJoints; ++k) {
      widest_position = std::max(widest_position, std::abs(s.data->qpos[k]));
      widest_velocity = std::max(widest_velocity, std::abs(s.data->qvel[k]));
    }
    cheetah.Set({});
    AddNormalVelocityNoise(s, 0.5, random);
    for (int k = 0; k < kJoints; ++k) squares += s.data->qvel[k] * s.data->qvel[k];
  }
  EXPECT_LE(widest_position, 0.3);
  EXPECT_GT(widest_position, 0.29);
  EXPECT_LE(widest_velocity, 0.2);
  EXPECT_GT(widest_velocity, 0.19);
  EXPECT_NEAR(squares / (kDraws * kJoints), 0.25, 0.04);  // five standard errors of 0.0083
}

TEST_F(GymnasiumTaskTest, NoNoiseStartsFromTheModelsPose) {
  SingleSimulation hopper(HopperTasks(), "Hopper-v5", {{"reset_noise_scale", "0"}});
  hopper.Start(1);
  EXPECT_EQ(hopper.data()->qpos[1], 1.25);
  for (int k = 0; k < 6; ++k) EXPECT_EQ(hopper.data()->qvel[k], 0);
}

TEST_F(GymnasiumTaskTest, SpeedIsPerSecondWhateverTheFrameSkip) {
  for (const char* frames : {"1", "10"}) {
    SingleSimulation cheetah(HalfCheetahTasks(), "HalfCheetah-v5", {{"frame_skip", frames}});
    cheetah.Set({0, 5}, {2});  // in the air
    EXPECT_NEAR(cheetah.Step(std::vector<double>(6, 0)).reward, 2, 1e-9) << frames;
    EXPECT_NEAR(cheetah.data()->time, 0.01 * std::stoi(frames), 1e-14);
  }
}

TEST_F(GymnasiumTaskTest, AModelOfOnesOwnIsReadFromItsPath) {
  const auto own = std::filesystem::path(testing::TempDir()) / "own_hopper.xml";
  std::filesystem::copy_file(ModelRoot() / "gymnasium/envs/mujoco/assets/hopper.xml", own,
                             std::filesystem::copy_options::overwrite_existing);
  EXPECT_EQ(MakeListedEnvironment("Hopper-v5?xml_file=" + own.string(), {})->spec().action_size, 3);
  std::filesystem::remove(own);
  EXPECT_THAT([&] { MakeListedEnvironment("Hopper-v5?xml_file=" + own.string(), {}); },
              ThrowsMessage<std::runtime_error>(HasSubstr(own.string())));
}

TEST_F(GymnasiumTaskTest, AModelWithoutTheTasksBodyIsRefused) {
  EXPECT_THAT([] { MakeListedEnvironment("Reacher-v5?xml_file=swimmer.xml", {}); },
              ThrowsMessage<std::invalid_argument>(
                  HasSubstr("body: expected one of the model's, got fingertip")));
}

TEST_F(GymnasiumTaskTest, AFrameSkipBelowOneIsRefused) {
  EXPECT_THAT(
      [] { MakeListedEnvironment("Hopper-v5?frame_skip=0", {}); },
      ThrowsMessage<std::invalid_argument>(HasSubstr("frame_skip: expected at least 1, got 0")));
}

}  // namespace
}  // namespace longplay
