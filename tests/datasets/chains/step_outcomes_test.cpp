// SPDX-License-Identifier: MIT
#include "datasets/chains/step_outcomes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "datasets/writers/minari_writer.h"
#include "tests/temporary_folder.h"

namespace longplay {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

enum class End { kTask, kTimeLimit };
enum class Final { kRecorded, kNot };

/// One episode of two steps with rewards 3 and 4 that sees (2, 20), (4, 40), (6, 60).
EpisodeSet OneEpisode(End end, Final final) {
  const std::string path = TemporaryPath("one_episode.hdf5");
  MinariWriter writer(path, {.observation_size = 2, .action_size = 1});
  std::map<std::string, int64_t> attributes;
  if (final == Final::kNot) attributes["longplay_no_final_observation"] = 1;
  writer.Write({.observation_size = 2,
                .action_columns = 1,
                .observations = {2, 20, 4, 40, 6, 60},
                .actions = {0, 0},
                .rewards = {3, 4},
                .terminated = end == End::kTask,
                .truncated = end == End::kTimeLimit},
               attributes);
  writer.Finish();
  return EpisodeSet::Load({path});
}

/// Both steps' outcomes; observations are halved.
Batch Outcomes(const EpisodeSet& set) {
  const Normalizer halved{.observation_mean = {0, 0}, .observation_std = {2, 2}};
  Batch batch;
  ResizeOutcomes(batch, 2, 2);
  for (int64_t t = 0; t < 2; ++t) {
    WriteOutcome(set, 0, t, AffineMap::OfObservations(halved), t, batch);
  }
  return batch;
}

TEST(StepOutcomesTest, TaskThatEndsAnEpisodeEndsItAtTheLastStep) {
  const Batch batch = Outcomes(OneEpisode(End::kTask, Final::kRecorded));
  EXPECT_THAT(batch.rewards, ElementsAre(3, 4));
  EXPECT_THAT(batch.ends, ElementsAre(0, 1));
  EXPECT_THAT(batch.cuts, ElementsAre(0, 0));
  EXPECT_THAT(batch.next_known, ElementsAre(1, 1));
  EXPECT_THAT(batch.next_observations, ElementsAre(2, 20, 3, 30));
}

TEST(StepOutcomesTest, TimeLimitIsNoEnd) {
  const Batch batch = Outcomes(OneEpisode(End::kTimeLimit, Final::kRecorded));
  EXPECT_THAT(batch.ends, ElementsAre(0, 0));
  EXPECT_THAT(batch.cuts, ElementsAre(0, 1));
  EXPECT_THAT(batch.next_known, ElementsAre(1, 1));
  EXPECT_THAT(batch.next_observations, ElementsAre(2, 20, 3, 30));
}

TEST(StepOutcomesTest, WhatFollowedATimeLimitUnrecordedIsNotKnown) {
  const Batch batch = Outcomes(OneEpisode(End::kTimeLimit, Final::kNot));
  EXPECT_THAT(batch.ends, ElementsAre(0, 0));
  EXPECT_THAT(batch.next_known, ElementsAre(1, 0));
  EXPECT_THAT(batch.next_observations, ElementsAre(2, 20, 2, 20)) << "the observation itself";
}

// No value lies beyond: nothing depends on what stands there.
TEST(StepOutcomesTest, EndByTheTaskIsKnownWithoutAFinalObservation) {
  const Batch batch = Outcomes(OneEpisode(End::kTask, Final::kNot));
  EXPECT_THAT(batch.ends, ElementsAre(0, 1));
  EXPECT_THAT(batch.next_known, ElementsAre(1, 1));
  EXPECT_THAT(batch.next_observations, ElementsAre(2, 20, 2, 20));
}

TEST(StepOutcomesTest, OnlyItsOwnRowIsWritten) {
  const EpisodeSet set = OneEpisode(End::kTask, Final::kRecorded);
  const Normalizer plain{.observation_mean = {0, 0}, .observation_std = {1, 1}};
  Batch batch;
  ResizeOutcomes(batch, 3, 2);
  batch.rewards = batch.ends = {7, 7, 7};
  batch.next_known = {7, 7, 7};
  batch.next_observations.assign(6, 7);
  WriteOutcome(set, 0, 0, AffineMap::OfObservations(plain), 1, batch);
  EXPECT_THAT(batch.rewards, ElementsAre(7, 3, 7));
  EXPECT_THAT(batch.ends, ElementsAre(7, 0, 7));
  EXPECT_THAT(batch.next_known, ElementsAre(7, 1, 7));
  EXPECT_THAT(batch.next_observations, ElementsAre(7, 7, 4, 40, 7, 7));
}

TEST(StepOutcomesTest, NoRowsTakeNoRoom) {
  Batch batch;
  ResizeOutcomes(batch, 4, 3);
  EXPECT_THAT(batch.next_observations, SizeIs(12));
  EXPECT_THAT(batch.next_known, SizeIs(4));
  ResizeOutcomes(batch, 0, 3);
  EXPECT_THAT(batch.next_observations, IsEmpty());
  EXPECT_THAT(batch.rewards, IsEmpty());
  EXPECT_THAT(batch.ends, IsEmpty());
  EXPECT_THAT(batch.next_known, IsEmpty());
}

}  // namespace
}  // namespace longplay
