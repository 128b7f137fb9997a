// SPDX-License-Identifier: MIT
#include "env/physics/mujoco_environment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <limits>
#include <stdexcept>

#include "env/list/make_listed_environment.h"
#include "env/physics/mujoco_handles.h"
#include "tests/env/mujoco_test.h"

namespace longplay {
namespace {

class MujocoEnvironmentTest : public MujocoTest {};

// Observations, rewards and ends of every simulation over some steps, resets where episodes end.
// Simulation i of a batch sees the seeds and actions of number `first + i`.
struct Record {
  std::vector<std::vector<double>> rows;  // one per simulation
};

Record Play(const std::string& id, const EnvironmentOptions& options, uint64_t first, int steps) {
  const std::unique_ptr<Environment> environment = MakeListedEnvironment(id, options);
  const int64_t count = environment->batch(), width = environment->spec().action_size;
  Record record;
  record.rows.resize(count);
  for (int64_t i = 0; i < count; ++i) {
    environment->StartChain(i, first + i);
    environment->Reset(i, first + i);
  }
  std::vector<double> actions(count * width);
  const std::vector<uint8_t> active(count, 1);
  for (int t = 0; t < steps; ++t) {
    for (int64_t k = 0; k < count * width; ++k) {
      actions[k] = std::sin(static_cast<double>(t * 7 + (k % width) * 3 + 5 * (first + k / width)));
    }
    const auto& outcomes = environment->Step(actions, active);
    for (int64_t i = 0; i < count; ++i) {
      auto& row = record.rows[i];
      const auto observation = environment->observation(i);
      row.insert(row.end(), observation.begin(), observation.end());
      row.push_back(outcomes[i].reward);
      if (outcomes[i].over()) environment->Reset(i, first + i + 1000 * (t + 1));
    }
  }
  return record;
}

TEST_F(MujocoEnvironmentTest, SameSeedsGiveSameBytesForAnyThreadsAndBatch) {
  for (const std::string& id : TaskOfEachDomain()) {
    const Record one = Play(id, {.batch = 4, .threads = 1}, 7, 25);
    const Record two = Play(id, {.batch = 4, .threads = 2}, 7, 25);
    EXPECT_EQ(one.rows, two.rows) << id;
    const Record alone = Play(id, {.batch = 1, .threads = 1}, 9, 25);
    EXPECT_EQ(one.rows[2], alone.rows[0]) << id;
  }
}

TEST_F(MujocoEnvironmentTest, TimeLimitTruncates) {
  const std::unique_ptr<Environment> environment =
      MakeListedEnvironment("HalfCheetah-v5", {.max_episode_steps = 3});
  environment->Reset(0, 1);
  const std::vector<double> actions(6, 0.0);
  const std::vector<uint8_t> active = {1};
  for (int t = 0; t < 3; ++t) {
    const StepOutcome outcome = environment->Step(actions, active)[0];
    EXPECT_EQ(outcome.truncated, t == 2);
    EXPECT_FALSE(outcome.terminated);
  }
  EXPECT_THROW(environment->Step(actions, active), std::invalid_argument);  // needs a reset
}

TEST_F(MujocoEnvironmentTest, LimitIsDividedByTheActionRepeat) {
  EXPECT_EQ(MakeListedEnvironment("HalfCheetah-v5", {.action_repeat = 8})->spec().max_episode_steps,
            125);
  // 20 = 6 + 6 + 6 + 2: the last decision is cut short.
  EXPECT_EQ(
      MakeListedEnvironment("family/point-goal-v0", {.action_repeat = 6})->spec().max_episode_steps,
      4);
}

TEST_F(MujocoEnvironmentTest, ActionRepeatEqualsLoopingByHand) {
  const std::unique_ptr<Environment> repeated =
      MakeListedEnvironment("Hopper-v5", {.action_repeat = 4});
  const std::unique_ptr<Environment> single = MakeListedEnvironment("Hopper-v5", {});
  repeated->Reset(0, 3);
  single->Reset(0, 3);
  const std::vector<uint8_t> active = {1};
  StepOutcome outcome;
  for (int t = 0; !outcome.over(); ++t) {
    const std::vector<double> actions = RandomActions(*single, t);
    outcome = repeated->Step(actions, active)[0];
    double reward = 0;
    StepOutcome last;
    for (int k = 0; k < 4 && !last.over(); ++k) {
      last = single->Step(actions, active)[0];
      reward += last.reward;
    }
    EXPECT_EQ(outcome.reward, reward);
    EXPECT_EQ(outcome.terminated, last.terminated);
    EXPECT_THAT(repeated->observation(0), testing::ElementsAreArray(single->observation(0)));
  }
}

TEST_F(MujocoEnvironmentTest, InactiveSimulationsStayAsTheyAre) {
  const std::unique_ptr<Environment> environment =
      MakeListedEnvironment("HalfCheetah-v5", {.batch = 2});
  environment->Reset(0, 1);
  environment->Reset(1, 2);
  const std::vector<double> before(environment->observation(1).begin(),
                                   environment->observation(1).end());
  const auto& outcomes =
      environment->Step(RandomActions(*environment, 1), std::vector<uint8_t>{1, 0});
  EXPECT_NE(outcomes[0].reward, 0);
  EXPECT_EQ(outcomes[1].reward, 0);
  EXPECT_THAT(environment->observation(1), testing::ElementsAreArray(before));
}

TEST_F(MujocoEnvironmentTest, SetStateContinuesExactly) {
  for (const std::string& id : TaskOfEachDomain()) {
    const std::unique_ptr<Environment> original = MakeListedEnvironment(id, {});
    const std::unique_ptr<Environment> restored = MakeListedEnvironment(id, {});
    original->StartChain(0, 4);
    restored->StartChain(0, 4);
    original->Reset(0, 4);
    const std::vector<uint8_t> active = {1};
    const auto gentle = [&](int t) {
      std::vector<double> actions = RandomActions(*original, t);
      for (double& action : actions) action *= 0.1;
      return actions;
    };
    for (int t = 0; t < 3; ++t) original->Step(gentle(t), active);
    std::vector<double> state(original->physics_states()->state_size());
    original->physics_states()->GetState(0, state);
    for (const std::string& field : original->physics_states()->model_fields()) {
      restored->physics_states()->SetModelField(0, field,
                                                original->physics_states()->model_field(0, field));
    }
    restored->physics_states()->SetState(0, state, 3);
    for (int t = 3; t < 6; ++t) {
      const std::vector<double> actions = gentle(t);
      original->Step(actions, active);
      restored->Step(actions, active);
      EXPECT_THAT(restored->observation(0), testing::ElementsAreArray(original->observation(0)))
          << id;
    }
  }
}

TEST_F(MujocoEnvironmentTest, DivergingSimulationHarmsNoOther) {
  for (const std::string& id : TaskOfEachDomain()) {
    const std::unique_ptr<Environment> environment =
        MakeListedEnvironment(id, {.batch = 3, .threads = 2});
    const std::unique_ptr<Environment> alone = MakeListedEnvironment(id, {});
    for (double bad : {std::numeric_limits<double>::quiet_NaN(), 1e200}) {
      const std::vector<uint8_t> all = {1, 1, 1}, one = {1};
      for (int i = 0; i < 3; ++i) {
        environment->StartChain(i, 10 + i);
        environment->Reset(i, 10 + i);
      }
      alone->StartChain(0, 12);
      alone->Reset(0, 12);
      std::vector<double> state(environment->physics_states()->state_size());
      environment->physics_states()->GetState(1, state);
      state[1 + environment->physics_states()->position_size()] =
          bad;  // after time and positions: the first velocity
      environment->physics_states()->SetState(1, state, 0);

      const std::vector<double> actions = RandomActions(*environment, 5);
      const auto& outcomes = environment->Step(actions, all);
      EXPECT_TRUE(outcomes[1].diverged && outcomes[1].terminated) << id;
      EXPECT_EQ(outcomes[1].reward, 0);
      EXPECT_FALSE(outcomes[0].diverged || outcomes[2].diverged) << id;
      alone->Step(std::span(actions).last(environment->spec().action_size), one);
      EXPECT_THAT(environment->observation(2), testing::ElementsAreArray(alone->observation(0)));

      environment->Reset(1, 11);  // and it can be used again, and diverge again
      EXPECT_FALSE(environment->Step(actions, std::vector<uint8_t>{0, 1, 0})[1].diverged) << id;
      environment->physics_states()->SetState(1, state, 0);
      EXPECT_TRUE(environment->Step(actions, std::vector<uint8_t>{0, 1, 0})[1].diverged) << id;
    }
  }
}

TEST_F(MujocoEnvironmentTest, NonFiniteActionIsDivergence) {
  const std::unique_ptr<Environment> environment = MakeListedEnvironment("Hopper-v5", {});
  environment->Reset(0, 1);
  const std::vector<double> actions(3, std::numeric_limits<double>::quiet_NaN());
  EXPECT_TRUE(environment->Step(actions, std::vector<uint8_t>{1})[0].diverged);
}

TEST_F(MujocoEnvironmentTest, NoLogFileAppears) {
  EXPECT_FALSE(std::filesystem::exists("MUJOCO_LOG.TXT"));
}

// Mean and deviation of each observed number over many resets against the tasks' definitions.
// 2,000 draws: five standard errors of a mean are 0.11 deviations; 10 % on the deviation.
TEST_F(MujocoEnvironmentTest, ResetsAreDistributedAsDefined) {
  struct Moments {
    std::string id;
    std::vector<std::pair<int, std::pair<double, double>>> expected;  // index, mean, deviation
  };
  const double uniform = 1 / std::sqrt(3.0);
  const std::vector<Moments> cases = {
      {"HalfCheetah-v5", {{0, {0, 0.1 * uniform}}, {8, {0, 0.1}}, {16, {0, 0.1}}}},
      {"Hopper-v5", {{0, {1.25, 5e-3 * uniform}}, {5, {0, 5e-3 * uniform}}}},
      {"dm_control/cartpole-swingup-v0",
       {{0, {0, 0.01}}, {2, {0, 0.01}}, {3, {0, 0.01}}, {4, {0, 0.01}}}},
      {"family/point-goal-v0", {{0, {0, 0.01 * uniform}}, {1, {0, 0.01 * uniform}}}}};
  for (const auto& [id, expected] : cases) {
    const std::unique_ptr<Environment> environment = MakeListedEnvironment(id, {});
    const int count = 2000;
    std::vector<double> sum(environment->spec().observation_size), squares = sum;
    for (int seed = 0; seed < count; ++seed) {
      environment->Reset(0, seed);
      const auto observation = environment->observation(0);
      for (size_t k = 0; k < sum.size(); ++k) {
        sum[k] += observation[k];
        squares[k] += observation[k] * observation[k];
      }
    }
    for (const auto& [k, moments] : expected) {
      const double mean = sum[k] / count;
      const double deviation = std::sqrt(squares[k] / count - mean * mean);
      EXPECT_NEAR(mean, moments.first, 0.11 * moments.second) << id << " " << k;
      EXPECT_NEAR(deviation, moments.second, 0.1 * moments.second) << id << " " << k;
    }
  }
}

}  // namespace
}  // namespace longplay
