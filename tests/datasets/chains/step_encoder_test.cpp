// SPDX-License-Identifier: MIT
#include "datasets/chains/step_encoder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace longplay {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;

/// Two observations, one action; every scale is another.
Normalizer Scaled() {
  return {.observation_mean = {1, -1},
          .observation_std = {2, 4},
          .action_center = {0.5},
          .action_scale = {0.25},
          .reward_scale = 0.5,
          .return_scale = 0.125};
}

const std::vector<float> kSeen = {5, 3};  // (5 - 1) / 2, (3 + 1) / 4
const std::vector<float> kPush = {0.75};

/// Whether an episode of these rewards counts as one that reached its target.
bool Reaches(const std::vector<double>& rewards, double target) {
  const Normalizer normalizer = Scaled();
  StepEncoder encoder(normalizer, EpisodeBoundary::kCarry);
  encoder.StartEpisode(target);
  for (size_t t = 0; t < rewards.size(); ++t) {
    encoder.Record(kPush, rewards[t], t + 1 == rewards.size());
  }
  return encoder.reached_target();
}

TEST(StepEncoderTest, ReturnToGoIsTheTargetLessTheRewardsSoFar) {
  const Normalizer normalizer = Scaled();
  StepEncoder encoder(normalizer, EpisodeBoundary::kZeros);
  StepRows rows = StepRows::Zeros(3, 2, 1);
  encoder.StartEpisode(8);
  encoder.Write(kSeen, rows, 0);
  encoder.Record(kPush, 2, false);
  encoder.Write(kSeen, rows, 1);
  encoder.Record(kPush, 10, false);  // beyond the target: what is left is negative
  encoder.Write(kSeen, rows, 2);
  EXPECT_THAT(rows.returns, ElementsAre(1, 0.75, -0.5));  // 8, 6, -4, divided by 8
  EXPECT_EQ(encoder.return_so_far(), 12);
}

TEST(StepEncoderTest, ObservationsAndRewardsAreScaledAndActionsAreAlready) {
  const Normalizer normalizer = Scaled();
  StepEncoder encoder(normalizer, EpisodeBoundary::kZeros);
  StepRows rows = StepRows::Zeros(2, 2, 1);
  encoder.StartEpisode(0);
  encoder.Record(kPush, 3, false);
  encoder.Write(kSeen, rows, 1);
  EXPECT_THAT(rows.observations, ElementsAre(0, 0, 2, 1));
  EXPECT_THAT(rows.previous_actions, ElementsAre(0, 0.75));
  EXPECT_THAT(rows.previous_rewards, ElementsAre(0, 1.5));
}

TEST(StepEncoderTest, FirstStepOfAChainHasNothingBeforeIt) {
  const Normalizer normalizer = Scaled();
  for (const EpisodeBoundary boundary : {EpisodeBoundary::kZeros, EpisodeBoundary::kCarry}) {
    StepEncoder encoder(normalizer, boundary);
    StepRows rows = StepRows::Zeros(1, 2, 1);
    rows.previous_actions = rows.previous_rewards = rows.previous_completions = {7};
    encoder.StartEpisode(1);
    encoder.Write(kSeen, rows, 0);
    EXPECT_THAT(rows.previous_actions, ElementsAre(0));
    EXPECT_THAT(rows.previous_rewards, ElementsAre(0));
    EXPECT_THAT(rows.previous_completions, ElementsAre(0));
  }
}

TEST(StepEncoderTest, BoundaryDecidesWhetherTheEpisodeBeforeIsSeen) {
  const Normalizer normalizer = Scaled();
  for (const EpisodeBoundary boundary : {EpisodeBoundary::kZeros, EpisodeBoundary::kCarry}) {
    const float carried = boundary == EpisodeBoundary::kCarry ? 1 : 0;
    StepEncoder encoder(normalizer, boundary);
    StepRows rows = StepRows::Zeros(1, 2, 1);
    encoder.StartEpisode(4);
    encoder.Record(kPush, 4, true);
    encoder.StartEpisode(4);
    encoder.Write(kSeen, rows, 0);
    EXPECT_THAT(rows.previous_actions, ElementsAre(0.75F * carried));
    EXPECT_THAT(rows.previous_rewards, ElementsAre(2 * carried));
    EXPECT_THAT(rows.previous_completions, ElementsAre(carried));
    EXPECT_THAT(rows.returns, ElementsAre(0.5)) << "what is asked for begins anew";
  }
}

TEST(StepEncoderTest, StepsCountWithinEpisodesAndEpisodesWithinTheChain) {
  const Normalizer normalizer = Scaled();
  StepEncoder encoder(normalizer, EpisodeBoundary::kZeros);
  StepRows rows = StepRows::Zeros(5, 2, 1);
  int64_t row = 0;
  for (const int length : {2, 3}) {
    encoder.StartEpisode(0);
    for (int t = 0; t < length; ++t) {
      encoder.Write(kSeen, rows, row++);
      encoder.Record(kPush, 0, t + 1 == length);
    }
  }
  EXPECT_THAT(rows.episode_steps, ElementsAre(0, 1, 0, 1, 2));
  EXPECT_THAT(rows.episodes, ElementsAre(0, 0, 1, 1, 1));
}

TEST(StepEncoderTest, TargetCountsOnlyAtTheEndOfTheEpisode) {
  const Normalizer normalizer = Scaled();
  StepEncoder encoder(normalizer, EpisodeBoundary::kCarry);
  encoder.StartEpisode(4);
  encoder.Record(kPush, 5, false);
  EXPECT_FALSE(encoder.reached_target());
  encoder.Record(kPush, -2, true);  // above it once, below it at the end
  EXPECT_FALSE(encoder.reached_target());
}

TEST(StepEncoderTest, RoundingDoesNotMissATarget) {
  EXPECT_TRUE(Reaches({0.1, 0.2}, 0.3));
  EXPECT_TRUE(Reaches(std::vector<double>(1000, 0.1), 100));
  EXPECT_FALSE(Reaches({0.1, 0.2}, 0.301));
  EXPECT_FALSE(Reaches({-1001}, -1000));
  EXPECT_TRUE(Reaches({-1000.0005}, -1000)) << "a millionth of the target";
}

TEST(StepEncoderTest, SkippedStepsLeaveWhatRecordedOnesLeave) {
  const Normalizer normalizer = Scaled();
  const std::vector<float> rewards = {1, 0.5, 2};
  for (const bool ends : {false, true}) {
    StepEncoder recorded(normalizer, EpisodeBoundary::kCarry), skipped = recorded;
    recorded.StartEpisode(3.5);
    recorded.Record(std::vector<float>{0.1F}, rewards[0], false);
    recorded.Record(std::vector<float>{0.2F}, rewards[1], false);
    recorded.Record(kPush, rewards[2], ends);
    skipped.StartEpisode(3.5);
    skipped.Skip(rewards, kPush, ends);
    StepRows rows = StepRows::Zeros(2, 2, 1);
    recorded.Write(kSeen, rows, 0);
    skipped.Write(kSeen, rows, 1);
    EXPECT_THAT(rows.returns, Each(0));
    EXPECT_THAT(rows.previous_actions, Each(0.75));
    EXPECT_THAT(rows.previous_rewards, Each(1));
    EXPECT_THAT(rows.previous_completions, Each(ends ? 1 : 0));
    EXPECT_THAT(rows.episode_steps, Each(3));
  }
}

TEST(StepEncoderTest, SkippingNothingChangesNothing) {
  const Normalizer normalizer = Scaled();
  StepEncoder encoder(normalizer, EpisodeBoundary::kCarry);
  encoder.StartEpisode(1);
  encoder.Record(kPush, 1, true);
  encoder.Skip({}, std::vector<float>{9}, false);
  StepRows rows = StepRows::Zeros(1, 2, 1);
  encoder.Write(kSeen, rows, 0);
  EXPECT_TRUE(encoder.reached_target());
  EXPECT_THAT(rows.previous_actions, ElementsAre(0.75));
  EXPECT_THAT(rows.episode_steps, ElementsAre(1));
}

TEST(StepRowsTest, ClearEmptiesOneRowAlone) {
  StepRows rows = StepRows::Zeros(2, 2, 1);
  rows.observations = {1, 2, 3, 4};
  rows.previous_actions = rows.returns = rows.previous_rewards = rows.previous_completions = {5, 6};
  rows.episode_steps = rows.episodes = {7, 8};
  rows.Clear(0);
  EXPECT_THAT(rows.observations, ElementsAre(0, 0, 3, 4));
  EXPECT_THAT(rows.previous_actions, ElementsAre(0, 6));
  EXPECT_THAT(rows.returns, ElementsAre(0, 6));
  EXPECT_THAT(rows.previous_rewards, ElementsAre(0, 6));
  EXPECT_THAT(rows.previous_completions, ElementsAre(0, 6));
  EXPECT_THAT(rows.episode_steps, ElementsAre(0, 8));
  EXPECT_THAT(rows.episodes, ElementsAre(0, 8));
}

}  // namespace
}  // namespace longplay
