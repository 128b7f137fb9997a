// SPDX-License-Identifier: MIT
#include "agent/recordings/relabel.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <functional>

#include "agent/recordings/reward_judge.h"
#include "agent/runs/run_claim.h"
#include "datasets/episode_reader.h"
#include "datasets/writers/d4rl_writer.h"
#include "env/environment.h"
#include "env/list/make_listed_environment.h"
#include "tests/temporary_folder.h"

namespace longplay {
namespace {

const std::string kTraces = LONGPLAY_SOURCE_DIR "/tests/env/fixtures/traces/";

RelabelResult Relabel(const std::string& in, const std::string& out, const std::string& id) {
  return RelabelData({.in = in, .out = out, .environment = id}, {});
}

// Positions and velocities lack the solver's warm start: what is left is its tolerance.
TEST(RelabelTest, StepsPlayedAgainEarnWhatTheyEarned) {
  const std::string in = kTraces + "HalfCheetah-v5.hdf5", out = TemporaryPath("same.hdf5");
  EXPECT_EQ(Relabel(in, out, "HalfCheetah-v5").steps, 200);
  const auto source = OpenDataset(in), relabelled = OpenDataset(out);
  ASSERT_EQ(source->info().episodes, relabelled->info().episodes);
  for (int64_t e = 0; e < source->info().episodes; ++e) {
    const Episode a = source->Read(e), b = relabelled->Read(e);
    EXPECT_EQ(a.observations, b.observations);
    EXPECT_EQ(a.actions, b.actions);
    for (int64_t t = 0; t < a.length(); ++t) EXPECT_NEAR(a.rewards[t], b.rewards[t], 1e-4);
  }
}

TEST(RelabelTest, OptionsOfTheTaskChangeTheRewards) {
  const std::string in = kTraces + "HalfCheetah-v5.hdf5", out = TemporaryPath("free.hdf5");
  Relabel(in, out, "HalfCheetah-v5?ctrl_cost_weight=0");
  const Episode a = OpenDataset(in)->Read(0), b = OpenDataset(out)->Read(0);
  for (int64_t t = 0; t < a.length(); ++t) {
    double squares = 0;
    for (int64_t k = 0; k < 6; ++k) squares += std::pow(a.actions[t * 6 + k], 2);
    EXPECT_NEAR(b.rewards[t] - a.rewards[t], 0.1 * squares, 1e-4);
  }
}

// Four numbers of state: the maze's positions and velocities.
TEST(RelabelTest, StatesAfterEveryStepGiveTheRewardsOfStates) {
  const std::string in = LONGPLAY_SOURCE_DIR "/tests/datasets/fixtures/formats/exorl";
  const std::string id = "dm_control/point_mass_maze-reach_top_left-v0";
  const std::string out = TemporaryPath("maze");
  EXPECT_EQ(Relabel(in, out, id).episodes, 3);
  const auto source = OpenDataset(in), relabelled = OpenDataset(out);
  EXPECT_EQ(relabelled->info().environment, id);
  const std::unique_ptr<Environment> environment = MakeListedEnvironment(id, {});
  for (int64_t e = 0; e < 3; ++e) {
    const RecordedPhysics physics = source->ReadPhysics(e);
    const auto reached = std::span(physics.rows).subspan(physics.columns);
    EXPECT_EQ(relabelled->Read(e).rewards, *environment->state_rewards()->Rewards(reached));
  }
}

TEST(RelabelTest, WhatAnotherProcessTookOverIsLeftToIt) {
  const std::string in = LONGPLAY_SOURCE_DIR "/tests/datasets/fixtures/formats/exorl";
  const std::string out = TemporaryPath("maze"), claim = out + ".claim";
  int calls = 0;
  EXPECT_THAT(
      [&] {
        RelabelData(
            {.in = in, .out = out, .environment = "dm_control/point_mass_maze-reach_top_left-v0"},
            [&](int64_t, int64_t) {
              ++calls;
              std::filesystem::remove(claim);
              std::ofstream(claim) << "process 17 on another-machine";
            });
      },
      testing::ThrowsMessage<ClaimLost>(testing::HasSubstr(
          "relabelling: " + out + ": expected no other process to write it, got process 17 on ")));
  EXPECT_EQ(calls, 1);
  EXPECT_FALSE(std::filesystem::exists(out));
}

TEST(RelabelTest, ATaskWithoutPhysicsIsRefused) {
  EXPECT_THAT(
      [] { Relabel(kTraces + "Hopper-v5.hdf5", TemporaryPath("grid"), "family/grid-goal-v0"); },
      testing::ThrowsMessage<std::invalid_argument>(testing::HasSubstr(
          "expected a task with physics states for family/grid-goal-v0, got one without")));
}

TEST(RelabelTest, ResultOfAnEarlierRunIsFound) {
  const std::string in = kTraces + "Hopper-v5.hdf5", out = TemporaryPath("twice.hdf5");
  EXPECT_FALSE(Relabel(in, out, "Hopper-v5").found);
  EXPECT_TRUE(Relabel(in, out, "Hopper-v5").found);
  EXPECT_THROW(Relabel(in, out, "Hopper-v5?healthy_reward=2"), std::invalid_argument);
}

TEST(RelabelTest, DataWithoutFittingStatesAreRefused) {
  const auto expect = [](const std::string& in, const std::string& id, const std::string& part) {
    EXPECT_THAT([&] { Relabel(in, TemporaryPath("refused"), id); },
                testing::ThrowsMessage<std::invalid_argument>(testing::HasSubstr(part)));
    EXPECT_FALSE(std::filesystem::exists(TemporaryPath("refused")));
  };
  const std::string fixtures = LONGPLAY_SOURCE_DIR "/tests/datasets/fixtures/";
  expect(fixtures + "d4rl.hdf5", "Hopper-v5", "expected recorded physics states for Hopper-v5");
  expect(kTraces + "Hopper-v5.hdf5", "Ant-v5", "expected states of 29 numbers for Ant-v5, got 12");
  expect(kTraces + "dm_control_reacher-easy-v0.hdf5", "dm_control/reacher-easy-v0",
         "expected a task without a target drawn for each episode");
}

/// A trace with its rewards changed.
std::string WithRewards(const std::string& name,
                        const std::function<void(std::vector<double>&)>& change) {
  const auto source = OpenDataset(kTraces + "HalfCheetah-v5.hdf5");
  const std::string out = TemporaryPath(name);
  D4rlWriter writer(out, source->info());
  for (int64_t e = 0; e < source->info().episodes; ++e) {
    Episode episode = source->Read(e);
    change(episode.rewards);
    EpisodeExtras extras = source->ReadExtras(e);
    writer.Write(episode, extras);
  }
  writer.Finish();
  return out;
}

TEST(RewardCheckTest, TrueRewardsHaveNoProblem) {
  for (const char* name : {"HalfCheetah-v5", "Hopper-v5", "dm_control_cartpole-swingup-v0",
                           "dm_control_reacher-easy-v0"}) {
    EXPECT_THAT(CheckRewards(kTraces + name + ".hdf5"), testing::IsEmpty()) << name;
  }
  EXPECT_THAT(CheckRewards(LONGPLAY_SOURCE_DIR "/tests/datasets/fixtures/d4rl.hdf5"),
              testing::IsEmpty());
}

TEST(RewardCheckTest, RewardsOffByOneAreFound) {
  const auto late = WithRewards("late.hdf5", [](std::vector<double>& rewards) {
    std::ranges::rotate(rewards, rewards.end() - 1);
  });
  ASSERT_THAT(CheckRewards(late), testing::SizeIs(1));
  EXPECT_THAT(CheckRewards(late)[0].problem, testing::HasSubstr("step t + 1"));
  const auto early = WithRewards("early.hdf5", [](std::vector<double>& rewards) {
    std::ranges::rotate(rewards, rewards.begin() + 1);
  });
  EXPECT_THAT(CheckRewards(early).at(0).problem, testing::HasSubstr("step t - 1"));
  const auto other = WithRewards("other.hdf5", [](std::vector<double>& rewards) {
    for (double& reward : rewards) reward *= 2;
  });
  EXPECT_THAT(CheckRewards(other).at(0).problem, testing::HasSubstr("not the simulator's"));
}

}  // namespace
}  // namespace longplay
