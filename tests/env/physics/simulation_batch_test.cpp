// SPDX-License-Identifier: MIT
#include "env/physics/simulation_batch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <memory>
#include <stdexcept>
#include <vector>

#include "env/physics/model_files.h"
#include "tests/env/mujoco_test.h"

namespace longplay {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::ThrowsMessage;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
// What the control asks the task for.
constexpr double kNothing = 0, kNanReward = 1, kNanObservation = 2, kError = 3, kEnd = 4;

/// Observes the steps that were taken, pays 1 for each and fails as it is told to.
class Faulty : public Task {
 public:
  explicit Faulty(bool fails_to_start = false)
      : Task(LoadModelText(R"(<mujoco><size nuserdata='1'/><worldbody>
          <body><joint name='x' type='slide'/><geom size='0.1'/></body></worldbody>
          <actuator><motor joint='x' ctrllimited='true' ctrlrange='0 4'/></actuator></mujoco>)",
                           "faulty")),
        fails_to_start_(fails_to_start) {}

  void Initialize(const Simulation& s, RandomGenerator& random) const override {
    if (fails_to_start_) mju_error("it does not start");
    s.data->qpos[0] = random.Uniform(0, 1);
    s.data->userdata[0] = 0;
  }
  TaskStep Step(const Simulation& s, std::span<const double> action) const override {
    s.data->ctrl[0] = action[0];
    s.data->userdata[0] += 1;
    if (action[0] == kError) mju_error("it breaks");
    return {.reward = action[0] == kNanReward ? kNan : 1, .terminated = action[0] == kEnd};
  }
  void Observe(const Simulation& s, std::span<double> observation) const override {
    observation[0] = s.data->ctrl[0] == kNanObservation ? kNan : s.data->userdata[0];
  }

 private:
  bool fails_to_start_;
};

EnvironmentSpec Spec() {
  return {.id = "faulty", .observation_size = 1, .action_size = 1, .max_episode_steps = 7};
}

class SimulationBatchTest : public MujocoTest {
 protected:
  static SimulationBatch Make(const EnvironmentOptions& options) {
    return {Spec(), std::make_unique<Faulty>(), options};
  }
  static void StartAll(SimulationBatch& batch) {
    for (int64_t i = 0; i < batch.options.batch; ++i) {
      const uint64_t seed = 1;
      batch.Start({&i, 1}, {&seed, 1});
    }
  }
  // One decision of all simulations.
  static void Step(SimulationBatch& batch, const std::vector<double>& actions) {
    batch.actions = actions;
    batch.ids.clear();
    for (size_t i = 0; i < actions.size(); ++i) {
      batch.ids.push_back(static_cast<int>(i));
      batch.outcomes[i] = {};
    }
    batch.StepAll();
  }
};

TEST_F(SimulationBatchTest, BoundsOfActionsAreTheModels) {
  const SimulationBatch batch = Make({});
  EXPECT_THAT(batch.spec.action_low, ElementsAre(0));
  EXPECT_THAT(batch.spec.action_high, ElementsAre(4));
}

TEST_F(SimulationBatchTest, AModelWithOtherControlsIsRefused) {
  EnvironmentSpec spec = Spec();
  spec.action_size = 2;
  EXPECT_THAT([&] { SimulationBatch(spec, std::make_unique<Faulty>(), {}); },
              ThrowsMessage<std::runtime_error>(
                  HasSubstr("faulty: expected a model with 2 controls, got 1")));
}

// 7 steps: 3 + 3 + 1. The last decision is cut short.
TEST_F(SimulationBatchTest, RepeatedRewardsAddUpToTheLimit) {
  SimulationBatch batch = Make({.action_repeat = 3});
  EXPECT_EQ(batch.spec.max_episode_steps, 3);
  EXPECT_EQ(batch.max_task_steps, 7);
  EXPECT_THAT(batch.over, ElementsAre(1));  // not started
  StartAll(batch);
  for (const double reward : {3, 3, 1}) {
    EXPECT_THAT(batch.over, ElementsAre(0));
    Step(batch, {kNothing});
    EXPECT_EQ(batch.outcomes[0].reward, reward);
    EXPECT_EQ(batch.outcomes[0].truncated, reward == 1);
    EXPECT_FALSE(batch.outcomes[0].terminated);
  }
  EXPECT_THAT(batch.over, ElementsAre(1));
  EXPECT_THAT(batch.observations, ElementsAre(7));
}

TEST_F(SimulationBatchTest, AnEndStopsTheRepetition) {
  SimulationBatch batch = Make({.action_repeat = 3});
  StartAll(batch);
  Step(batch, {kEnd});
  EXPECT_EQ(batch.outcomes[0].reward, 1);
  EXPECT_TRUE(batch.outcomes[0].terminated);
  EXPECT_FALSE(batch.outcomes[0].truncated || batch.outcomes[0].diverged);
}

// A reward or an observation that is no number, or an error of MuJoCo: the episode ends with
// nothing, and what was seen last stays.
TEST_F(SimulationBatchTest, WhatFailsHasDivergedAndHarmsNoOther) {
  for (const double fault : {kNanReward, kNanObservation, kError}) {
    SimulationBatch batch = Make({.batch = 3, .threads = 2});
    StartAll(batch);
    Step(batch, {kNothing, kNothing, kNothing});
    Step(batch, {kNothing, fault, kNothing});
    const StepOutcome& failed = batch.outcomes[1];
    EXPECT_TRUE(failed.diverged && failed.terminated && !failed.truncated) << fault;
    EXPECT_EQ(failed.reward, 0) << fault;
    EXPECT_THAT(batch.over, ElementsAre(0, 1, 0)) << fault;
    EXPECT_THAT(batch.observations, ElementsAre(2, 1, 2)) << fault;
    EXPECT_EQ(batch.outcomes[2].reward, 1) << fault;
  }
}

TEST_F(SimulationBatchTest, WhatFailedStartsAgain) {
  SimulationBatch batch = Make({});
  for (const double fault : {kError, kNanObservation}) {
    StartAll(batch);
    Step(batch, {fault});
    EXPECT_TRUE(batch.outcomes[0].diverged);
  }
  StartAll(batch);
  Step(batch, {kNothing});
  EXPECT_FALSE(batch.outcomes[0].over());
  EXPECT_EQ(batch.outcomes[0].reward, 1);
}

TEST_F(SimulationBatchTest, AnErrorAtTheStartIsTold) {
  SimulationBatch batch(Spec(), std::make_unique<Faulty>(true), {});
  EXPECT_THAT([&] { StartAll(batch); }, ThrowsMessage<std::runtime_error>(HasSubstr(
                                            "starting an episode: faulty: it does not start")));
}

TEST_F(SimulationBatchTest, SimulationsStartInAnyOrderEachFromItsSeed) {
  SimulationBatch batch = Make({.batch = 4, .threads = 2});
  const auto position = [&](int i) {
    return mjb_state(batch.batch.get())[i * mjb_nstate(batch.batch.get()) + 1];
  };
  const std::vector<int64_t> two = {3, 0};
  batch.Start(two, std::vector<uint64_t>{5, 6});
  const double of_5 = position(3), of_6 = position(0);
  EXPECT_NE(of_5, of_6);
  batch.Start(two, std::vector<uint64_t>{6, 5});
  EXPECT_EQ(position(3), of_6);
  EXPECT_EQ(position(0), of_5);
  EXPECT_THAT(batch.over, ElementsAre(0, 1, 1, 0));
}

}  // namespace
}  // namespace longplay
