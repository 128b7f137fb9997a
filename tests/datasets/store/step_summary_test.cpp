// SPDX-License-Identifier: MIT
#include "datasets/store/step_summary.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <nlohmann/json.hpp>

namespace longplay {
namespace {

using ::testing::ElementsAre;

/// Two steps that see (1, 2), (3, 4), then (5, 6).
Episode TwoSteps() {
  return {.observation_size = 2,
          .action_columns = 1,
          .observations = {1, 2, 3, 4, 5, 6},
          .actions = {0.5, -0.5},
          .rewards = {7, 8.5},
          .terminated = true,
          .history = 3};
}

const DatasetInfo kInfo = {.observation_size = 2, .action_size = 1};

StepSummary Summary(const std::vector<Episode>& episodes) {
  StepSummary summary(kInfo);
  for (const Episode& episode : episodes) summary.Add(ToFloats(episode, kInfo), ToRow(episode));
  return summary;
}

TEST(StepSummaryTest, FinalObservationIsKeptApart) {
  const EpisodeFloats floats = ToFloats(TwoSteps(), kInfo);
  EXPECT_THAT(floats.observations, ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(floats.final_observation, ElementsAre(5, 6));
  EXPECT_THAT(floats.actions, ElementsAre(0.5, -0.5));
  EXPECT_THAT(floats.rewards, ElementsAre(7, 8.5));
}

TEST(StepSummaryTest, WhatWasNotRecordedIsZero) {
  Episode episode = TwoSteps();
  episode.observations.resize(4);
  episode.rewards.clear();
  const EpisodeFloats floats = ToFloats(episode, kInfo);
  EXPECT_THAT(floats.observations, ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(floats.final_observation, ElementsAre(0, 0));
  EXPECT_THAT(floats.rewards, ElementsAre(0, 0));
  EXPECT_FALSE(ToRow(episode).has_final_observation);
  EXPECT_EQ(ToRow(episode).episode_return, 0);
}

TEST(StepSummaryTest, DiscreteActionsAreOneHot) {
  Episode episode = TwoSteps();
  episode.actions = {2, 0};
  const DatasetInfo info{
      .observation_size = 2, .action_size = 3, .action_kind = ActionKind::kDiscrete};
  EXPECT_THAT(ToFloats(episode, info).actions, ElementsAre(0, 0, 1, 1, 0, 0));
}

TEST(StepSummaryTest, RowSaysWhatTheTableOfEpisodesNeeds) {
  const EpisodeRow row = ToRow(TwoSteps());
  EXPECT_EQ(row.length, 2);
  EXPECT_EQ(row.history, 3);
  EXPECT_EQ(row.episode_return, 15.5);
  EXPECT_TRUE(row.terminated);
  EXPECT_TRUE(row.has_final_observation);
}

TEST(StepSummaryTest, StatisticsAreOfAllStepsWithoutFinalObservations) {
  const StepSummary summary = Summary({TwoSteps(), TwoSteps()});
  EXPECT_EQ(summary.steps, 4);
  EXPECT_EQ(summary.episodes.size(), 2U);
  EXPECT_THAT(summary.observations.largest(), ElementsAre(3, 4));
  EXPECT_THAT(summary.observations.mean(), ElementsAre(2, 3));
  EXPECT_THAT(summary.actions.smallest(), ElementsAre(-0.5));
  EXPECT_THAT(summary.rewards.mean(), ElementsAre(7.75));
}

TEST(StepSummaryTest, EveryNumberChangesTheHash) {
  const uint64_t hash = Summary({TwoSteps()}).hash;
  const std::vector<std::function<void(Episode&)>> changes = {
      [](Episode& episode) { episode.observations[0] += 1e-6; },
      [](Episode& episode) { episode.observations[3] = -4; },
      [](Episode& episode) { episode.actions[1] = 0.5; },
      [](Episode& episode) { episode.rewards[0] = 8; },
      [](Episode& episode) { std::swap(episode.rewards[0], episode.rewards[1]); }};
  for (const auto& change : changes) {
    Episode episode = TwoSteps();
    change(episode);
    EXPECT_NE(Summary({episode}).hash, hash) << &change - changes.data();
  }
  EXPECT_EQ(Summary({TwoSteps()}).hash, hash);
}

TEST(StepSummaryTest, HashKnowsWhereEpisodesEndAndTheirOrder) {
  Episode one = TwoSteps(), two = one, other = one;
  one.observations.resize(2), one.actions.resize(1), one.rewards.resize(1);
  two.observations = {3, 4}, two.actions = {-0.5}, two.rewards = {8.5};
  other.rewards = {0, 0};
  EXPECT_NE(Summary({one, two}).hash, Summary({TwoSteps()}).hash) << "the same steps, cut in two";
  EXPECT_NE(Summary({one, other}).hash, Summary({other, one}).hash);
}

TEST(StepSummaryTest, JsonKeepsEverythingButTheTable) {
  const StepSummary before = Summary({TwoSteps()});
  const StepSummary after = StepSummary::FromJson(nlohmann::json::parse(before.ToJson().dump()));
  EXPECT_EQ(after.steps, 2);
  EXPECT_EQ(after.hash, before.hash);
  EXPECT_EQ(after.observations.mean(), before.observations.mean());
  EXPECT_EQ(after.actions.deviation(), before.actions.deviation());
  EXPECT_EQ(after.rewards.largest(), before.rewards.largest());
  EXPECT_TRUE(after.episodes.empty());
}

// A pack goes on where a killed one stopped.
TEST(StepSummaryTest, SummaryFromJsonGrowsAsTheOneBeforeWouldHave) {
  Episode second = TwoSteps();
  second.rewards = {-1, 0};
  StepSummary resumed = StepSummary::FromJson(Summary({TwoSteps()}).ToJson());
  resumed.Add(ToFloats(second, kInfo), ToRow(second));
  const StepSummary whole = Summary({TwoSteps(), second});
  EXPECT_EQ(resumed.hash, whole.hash);
  EXPECT_EQ(resumed.rewards.deviation(), whole.rewards.deviation());
  EXPECT_EQ(resumed.steps, whole.steps);
}

}  // namespace
}  // namespace longplay
