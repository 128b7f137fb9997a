// SPDX-License-Identifier: MIT
#include "env/physics/replay.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "env/list/make_listed_environment.h"
#include "tests/env/fixture_file.h"
#include "tests/env/mujoco_test.h"

namespace longplay {
namespace {

class ReplayTest : public MujocoTest {};

// Traces of the original libraries with float32 actions (tests/env/fixtures/make_fixtures.py).
struct RecordedTrace {
  std::vector<double> actions, observations, rewards, states, positions, velocities;
  std::vector<uint8_t> terminals, timeouts;
  std::map<std::string, std::vector<double>> model;

  explicit RecordedTrace(std::string id) {
    std::replace(id.begin(), id.end(), '/', '_');
    const FixtureFile file(LONGPLAY_SOURCE_DIR "/tests/env/fixtures/traces/" + id + ".hdf5");
    actions = file.Read<double>("actions");
    observations = file.Read<double>("next_observations");
    rewards = file.Read<double>("rewards");
    states = file.Read<double>("infos/state");
    positions = file.Read<double>("infos/qpos");
    velocities = file.Read<double>("infos/qvel");
    for (int64_t x : file.Read<int64_t>("terminals")) terminals.push_back(x != 0);
    for (int64_t x : file.Read<int64_t>("timeouts")) timeouts.push_back(x != 0);
    for (const std::string& field : file.Names("infos/model")) {
      model[field] = file.Read<double>("infos/model/" + field);
    }
  }

  Trace View() const {
    Trace trace = {.actions = actions,
                   .next_observations = observations,
                   .rewards = rewards,
                   .terminals = terminals,
                   .timeouts = timeouts,
                   .states = states,
                   .positions = positions,
                   .velocities = velocities,
                   .model = {},
                   .float32_actions = true,
                   .arguments = {}};
    for (const auto& [field, values] : model) trace.model[field] = values;
    return trace;
  }
};

ReplayResult ReplayIn(const std::string& id, const Trace& trace) {
  const std::unique_ptr<Environment> environment =
      MakeListedEnvironment(id, ReplayOptions(trace, 2));
  return Replay(*environment, trace, nullptr);
}

const char* const kTraces[] = {"Ant-v5", "HalfCheetah-v5", "Hopper-v5",
                               "dm_control/cartpole-swingup-v0", "dm_control/reacher-easy-v0"};

TEST_F(ReplayTest, FullStatesGiveEqualEpisodes) {
  for (const char* id : kTraces) {
    const RecordedTrace recorded(id);
    const ReplayResult result = ReplayIn(id, recorded.View());
    EXPECT_EQ(result.steps, 200);
    // 1e-9 is the promise; on the recording machine observations are equal to the last bit.
    EXPECT_LT(result.max_observation_error, 1e-9) << id;
    EXPECT_LT(result.max_reward_error, 1e-9) << id;
    EXPECT_EQ(result.end_mismatches, 0) << id;
    EXPECT_EQ(result.diverged, 0) << id;
  }
}

// Positions and velocities lack the solver's warm start: what is left is its tolerance.
TEST_F(ReplayTest, PositionsAndVelocitiesComeClose) {
  for (const char* id : {"HalfCheetah-v5", "Hopper-v5", "dm_control/cartpole-swingup-v0"}) {
    const RecordedTrace recorded(id);
    Trace trace = recorded.View();
    trace.states = {};
    const ReplayResult result = ReplayIn(id, trace);
    EXPECT_EQ(result.steps, 200);
    EXPECT_LT(result.max_observation_error, 1e-4) << id;
    EXPECT_EQ(result.end_mismatches, 0) << id;
  }
}

TEST_F(ReplayTest, ControlCostsFollowThePrecisionOfTheActions) {
  const RecordedTrace recorded("HalfCheetah-v5");
  Trace trace = recorded.View();
  trace.float32_actions = false;
  const double error = ReplayIn("HalfCheetah-v5", trace).max_reward_error;
  EXPECT_GT(error, 1e-9);  // what numpy's float32 sums differ by
  EXPECT_LT(error, 1e-6);
}

TEST_F(ReplayTest, ChangedRewardsAndEndsAreFound) {
  RecordedTrace recorded("Hopper-v5");
  recorded.rewards[3] += 0.5;
  const auto end = std::find(recorded.terminals.begin(), recorded.terminals.end(), 1);
  ASSERT_NE(end, recorded.terminals.end());
  *end = 0;
  recorded.timeouts[end - recorded.terminals.begin()] = 1;
  const ReplayResult result = ReplayIn("Hopper-v5", recorded.View());
  EXPECT_NEAR(result.max_reward_error, 0.5, 1e-9);
  EXPECT_EQ(result.end_mismatches, 1);
}

TEST_F(ReplayTest, ATaskWithoutPhysicsIsRefused) {
  const RecordedTrace recorded("Hopper-v5");
  EXPECT_THAT([&] { ReplayIn("family/grid-goal-v0", recorded.View()); },
              testing::ThrowsMessage<std::invalid_argument>(
                  testing::HasSubstr("family/grid-goal-v0: expected a task with physics states")));
}

TEST_F(ReplayTest, ArraysOfAnotherTaskAreNamed) {
  const RecordedTrace recorded("Hopper-v5");
  EXPECT_THAT([&] { ReplayIn("HalfCheetah-v5", recorded.View()); },
              testing::ThrowsMessage<std::invalid_argument>(testing::HasSubstr("actions")));
}

}  // namespace
}  // namespace longplay
