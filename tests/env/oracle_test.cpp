// SPDX-License-Identifier: MIT
// Compares every task with what Gymnasium 1.4.0 and dm_control 1.0.50 recorded on MuJoCo 3.17.0
// (tests/env/fixtures/make_fixtures.py).
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <filesystem>
#include <map>

#include "env/environment.h"
#include "env/list/list_environments.h"
#include "env/list/make_listed_environment.h"
#include "tests/env/fixture_file.h"
#include "tests/env/mujoco_test.h"

namespace longplay {
namespace {

constexpr double kTolerance = 1e-9;  // the promise; on the recording machine differences are 0

const std::string kOptionsFolder = LONGPLAY_SOURCE_DIR "/tests/env/fixtures/options/";

std::string FixturePath(std::string id) {
  std::replace(id.begin(), id.end(), '/', '_');
  return LONGPLAY_SOURCE_DIR "/tests/env/fixtures/" + id + ".hdf5";
}

struct Fixture {
  std::string id;  // as MakeListedEnvironment takes it
  std::vector<double> actions, observations, rewards, states;
  std::vector<int64_t> terminals, state_step, starts;
  std::map<std::string, std::vector<double>> model;  // fields that the task draws

  explicit Fixture(const std::string& path) {
    const FixtureFile file(path);
    id = file.Text("env_id");
    actions = file.Read<double>("actions");
    observations = file.Read<double>("next_observations");
    rewards = file.Read<double>("rewards");
    states = file.Read<double>("states");
    terminals = file.Read<int64_t>("terminals");
    state_step = file.Read<int64_t>("state_step");
    starts = file.Read<int64_t>("starts");
    for (const std::string& field : file.Names("model")) {
      model[field] = file.Read<double>("model/" + field);
    }
  }
};

struct Errors {
  double observation = 0, reward = 0;
  int ends = 0;
};

std::span<const double> Row(const std::vector<double>& rows, int64_t i, int64_t count) {
  const int64_t size = static_cast<int64_t>(rows.size()) / count;
  return std::span(rows).subspan(i * size, size);
}

// Gymnasium measures these tasks' speed by body positions, which lag the joints by a physics step
// except right after a reset: they are no part of the state, so the first reward after a restart in
// the middle of an episode cannot be the recorded one.
bool FirstRewardIsLost(const Fixture& f, int64_t step) {
  if (!f.id.starts_with("Ant-v5") && !f.id.starts_with("Humanoid-v5")) return false;
  return std::find(f.starts.begin(), f.starts.end(), step) == f.starts.end();
}

// Steps up to `end` of the recording from full state number `k`; the errors are the largest ones.
void Replay(Environment& environment, const Fixture& f, int64_t k, int64_t end, Errors* worst) {
  const auto steps = static_cast<int64_t>(f.rewards.size());
  const auto full_states = static_cast<int64_t>(f.state_step.size());
  for (const auto& [field, values] : f.model) {
    environment.physics_states()->SetModelField(0, field, Row(values, k, full_states));
  }
  environment.physics_states()->SetState(0, Row(f.states, k, full_states), 0);
  for (int64_t t = f.state_step[k]; t < end; ++t) {
    const auto outcome = environment.Step(Row(f.actions, t, steps), std::vector<uint8_t>{1})[0];
    const auto expected = Row(f.observations, t, steps);
    ASSERT_EQ(environment.observation(0).size(), expected.size());
    for (size_t j = 0; j < expected.size(); ++j) {
      const double scale = std::max(1.0, std::abs(expected[j]));
      worst->observation = std::max(worst->observation,
                                    std::abs(environment.observation(0)[j] - expected[j]) / scale);
    }
    if (t > f.state_step[k] || !FirstRewardIsLost(f, t)) {
      worst->reward = std::max(worst->reward, std::abs(outcome.reward - f.rewards[t]));
    }
    worst->ends += outcome.terminated == (f.terminals[t] != 0) ? 0 : 1;
    ASSERT_FALSE(outcome.diverged) << "step " << t;
    if (outcome.over()) break;
  }
}

// The goal family has dm_control's physics and observations, but a reward of its own.
bool HasOwnReward(const std::string& id) { return id.starts_with("family/"); }

class OracleTest : public MujocoTest, public testing::WithParamInterface<std::string> {};

class StateRewardTest : public MujocoTest {};

void ExpectAgreement(const Fixture& f) {
  const std::unique_ptr<Environment> environment =
      MakeListedEnvironment(f.id, {.max_episode_steps = 100000});
  Errors worst;
  for (size_t k = 0; k < f.state_step.size(); ++k) {
    const bool last = k + 1 == f.state_step.size();
    const auto end = last ? static_cast<int64_t>(f.rewards.size()) : f.state_step[k + 1];
    Replay(*environment, f, static_cast<int64_t>(k), end, &worst);
  }
  EXPECT_LT(worst.observation, kTolerance);
  if (!HasOwnReward(f.id)) {
    EXPECT_LT(worst.reward, kTolerance);
  }
  EXPECT_EQ(worst.ends, 0);
}

TEST_P(OracleTest, StepsFromEveryRecordedStateAgree) {
  const Fixture f(FixturePath(GetParam()));
  EXPECT_EQ(f.rewards.size(), 1000u);
  ExpectAgreement(f);
}

// Episodes replayed from their first state alone. Chaos magnifies the last bit of another CPU or
// compiler, so the difference is reported in the test's log, not judged.
TEST_P(OracleTest, FreeRunningEpisodesAreReported) {
  const std::unique_ptr<Environment> environment =
      MakeListedEnvironment(GetParam(), {.max_episode_steps = 100000});
  const Fixture f(FixturePath(GetParam()));
  Errors worst;
  for (size_t e = 0; e < f.starts.size(); ++e) {
    const auto k = std::find(f.state_step.begin(), f.state_step.end(), f.starts[e]);
    ASSERT_NE(k, f.state_step.end());
    const bool last = e + 1 == f.starts.size();
    const auto end = last ? static_cast<int64_t>(f.rewards.size()) : f.starts[e + 1];
    Replay(*environment, f, k - f.state_step.begin(), end, &worst);
  }
  RecordProperty("free_running_observation_error", std::to_string(worst.observation));
  std::cout << GetParam() << ": free-running difference: observations " << worst.observation
            << ", rewards " << (HasOwnReward(GetParam()) ? 0 : worst.reward) << "\n";
}

std::vector<std::string> RecordedTasks() {
  std::vector<std::string> ids;
  for (const EnvironmentSpec& spec : ListEnvironments()) {
    if (std::filesystem::exists(FixturePath(spec.id))) ids.push_back(spec.id);
  }
  return ids;
}

std::string TestName(const testing::TestParamInfo<std::string>& info) {
  std::string name = info.param;
  std::replace_if(
      name.begin(), name.end(), [](unsigned char c) { return !std::isalnum(c); }, '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Tasks, OracleTest, testing::ValuesIn(RecordedTasks()), TestName);

// ExoRL's relabelling: where the control is no part of it, the reward of a step is that of the
// state which it reached.
TEST_F(StateRewardTest, IsThatOfTheStepWhichReachedTheState) {
  for (const char* id : {"dm_control/walker-walk-v0", "dm_control/walker-flip-v0",
                         "dm_control/cheetah-run_backward-v0", "dm_control/quadruped-jump-v0",
                         "dm_control/quadruped-roll-v0", "dm_control/jaco-reach_top_left-v0"}) {
    const Fixture f(FixturePath(id));
    const std::unique_ptr<Environment> environment = MakeListedEnvironment(id, {.batch = 3});
    const PhysicsStates& physics = *environment->physics_states();
    const int64_t width =
        physics.position_size() + physics.velocity_size() + physics.activation_size();
    const auto full_states = static_cast<int64_t>(f.state_step.size());
    std::vector<double> states, expected;
    for (int64_t k = 1; k < full_states; ++k) {
      if (std::ranges::count(f.starts, f.state_step[k]) > 0) continue;
      const auto state = Row(f.states, k, full_states).subspan(1, width);  // time first
      states.insert(states.end(), state.begin(), state.end());
      expected.push_back(f.rewards[f.state_step[k] - 1]);
    }
    const auto rewards = environment->state_rewards()->Rewards(states);
    ASSERT_TRUE(rewards.has_value());
    ASSERT_EQ(rewards->size(), expected.size());
    for (size_t i = 0; i < expected.size(); ++i)
      EXPECT_NEAR((*rewards)[i], expected[i], 1e-9) << id;
  }
}

TEST_F(StateRewardTest, TasksThatNeedMoreThanAStateHaveNone) {
  const std::unique_ptr<Environment> hopper = MakeListedEnvironment("Hopper-v5", {});
  const std::unique_ptr<Environment> reacher =
      MakeListedEnvironment("dm_control/reacher-easy-v0", {});
  EXPECT_FALSE(hopper->state_rewards()->Rewards(std::vector<double>(12)).has_value());
  EXPECT_FALSE(reacher->state_rewards()->Rewards(std::vector<double>(4)).has_value());
  EXPECT_THROW(hopper->state_rewards()->Rewards(std::vector<double>(11)), std::invalid_argument);
}

// Gymnasium's tasks with every option of their constructors changed.
class OptionsTest : public MujocoTest, public testing::WithParamInterface<std::string> {};

TEST_P(OptionsTest, StepsWithChangedOptionsAgree) {
  ExpectAgreement(Fixture(kOptionsFolder + GetParam() + ".hdf5"));
}

std::vector<std::string> RecordedOptions() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(kOptionsFolder)) {
    names.push_back(entry.path().stem());
  }
  std::ranges::sort(names);
  return names;
}

INSTANTIATE_TEST_SUITE_P(Tasks, OptionsTest, testing::ValuesIn(RecordedOptions()), TestName);

TEST(OracleFixturesTest, EveryTaskOfAnotherLibraryIsRecorded) {
  for (const EnvironmentSpec& spec : ListEnvironments()) {
    // Ours, and publications' (tests/env/literature): of no library.
    if (spec.id.starts_with("family/") || spec.id.starts_with("literature/")) continue;
    EXPECT_TRUE(std::filesystem::exists(FixturePath(spec.id))) << spec.id;
  }
}

}  // namespace
}  // namespace longplay
