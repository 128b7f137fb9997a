// SPDX-License-Identifier: MIT
#include "datasets/chains/fill_batch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <span>

#include "datasets/chains/chain_batches.h"
#include "datasets/writers/minari_writer.h"
#include "tests/temporary_folder.h"

namespace longplay {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// Two episodes of 2 and 3 steps with rewards 1 2 and 0 4 0; the first ends by the task.
/// Step t of episode e sees (100 e + 10 t, 1) and does (0.25 t, -0.5 e).
EpisodeSet TwoEpisodes() {
  const std::string path = TemporaryPath("two_episodes.hdf5");
  MinariWriter writer(path, {.observation_size = 2, .action_size = 2});
  const std::vector<std::vector<double>> rewards = {{1, 2}, {0, 4, 0}};
  for (int e = 0; e < 2; ++e) {
    Episode episode{.observation_size = 2, .action_columns = 2, .rewards = rewards[e]};
    (e == 0 ? episode.terminated : episode.truncated) = true;
    const auto length = static_cast<int>(rewards[e].size());
    for (int t = 0; t <= length; ++t) {
      episode.observations.insert(episode.observations.end(), {100.0 * e + 10 * t, 1});
      if (t < length) episode.actions.insert(episode.actions.end(), {0.25 * t, -0.5 * e});
    }
    writer.Write(episode);
  }
  writer.Finish();
  return EpisodeSet::Load({path});
}

Normalizer Plain() {
  return {.observation_mean = {0, 0},
          .observation_std = {1, 1},
          .action_center = {0, 0},
          .action_scale = {1, 1}};
}

Batch BatchOf(const EpisodeSet& set, const std::vector<Chain>& chains,
              const ChainOptions& options = {}, const BatchParts& parts = {}) {
  std::mt19937_64 random(0);
  return MakeBatch(set, Plain(), chains, options, random, parts);
}

/// `length` steps of a chain from step `first` on, laid out in memory that holds something else.
Batch WindowOf(const EpisodeSet& set, const Chain& chain, int64_t first, int64_t length,
               const ChainOptions& options) {
  std::mt19937_64 random(0);
  const Normalizer normalizer = Plain();
  auto drawn = ChainBatches(set, normalizer, {.episodes = 2}, 1).Draw(random);
  drawn[0] = {.chain = chain, .first = first, .length = length};
  Batch batch = BatchOf(set, {{.episodes = {1, 1}, .targets = {9, 9}}});
  FillBatch(set, normalizer, drawn, options, {}, batch);
  return batch;
}

TEST(FillBatchTest, NumbersOfAStepStandSideBySide) {
  const EpisodeSet set = TwoEpisodes();
  const Batch batch = BatchOf(set, {{.episodes = {1, 0}, .targets = {4, 4}}});
  EXPECT_THAT(batch.rows.observations, ElementsAre(100, 1, 110, 1, 120, 1, 0, 1, 10, 1));
  EXPECT_THAT(batch.target_actions, ElementsAre(0, -0.5, 0.25, -0.5, 0.5, -0.5, 0, 0, 0.25, 0));
  EXPECT_THAT(batch.rows.returns, ElementsAre(4, 4, 0, 4, 3));
  EXPECT_THAT(batch.rows.episode_steps, ElementsAre(0, 1, 2, 0, 1));
}

TEST(FillBatchTest, AStepSeesTheActionBeforeItAndNotItsOwn) {
  const EpisodeSet set = TwoEpisodes();
  const Chain chain{.episodes = {1, 0}, .targets = {4, 4}};
  const Batch zeros = BatchOf(set, {chain}, {.boundary = EpisodeBoundary::kZeros});
  const Batch carry = BatchOf(set, {chain}, {.boundary = EpisodeBoundary::kCarry});
  EXPECT_THAT(zeros.rows.previous_actions, ElementsAre(0, 0, 0, -0.5, 0.25, -0.5, 0, 0, 0, 0));
  EXPECT_THAT(carry.rows.previous_actions, ElementsAre(0, 0, 0, -0.5, 0.25, -0.5, 0.5, -0.5, 0, 0));
  EXPECT_THAT(carry.rows.previous_completions, ElementsAre(0, 0, 0, 1, 0)) << "it earned 4 of 4";
}

TEST(FillBatchTest, ActionsAreMappedWhereverTheyStand) {
  const EpisodeSet set = TwoEpisodes();
  Normalizer normalizer = Plain();
  normalizer.action_center = {0.25, 0};
  normalizer.action_scale = {0.25, 0.5};
  std::mt19937_64 random(0);
  const Batch batch = MakeBatch(set, normalizer, {{.episodes = {1}, .targets = {4}}}, {}, random,
                                {.taken_actions = true});
  EXPECT_THAT(batch.target_actions, ElementsAre(-1, -1, 0, -1, 1, -1));
  EXPECT_THAT(batch.taken_actions, ElementsAre(-1, -1, 0, -1, 1, -1));
  EXPECT_THAT(batch.rows.previous_actions, ElementsAre(0, 0, -1, -1, 0, -1));
}

TEST(FillBatchTest, PaddingIsZeroInEveryArray) {
  const EpisodeSet set = TwoEpisodes();
  const BatchParts everything{.taken_actions = true, .outcomes = true};
  const Batch batch = BatchOf(
      set, {{.episodes = {1}, .targets = {4}}, {.episodes = {0}, .targets = {4}}}, {}, everything);
  ASSERT_EQ(batch.chains, 2);
  ASSERT_EQ(batch.steps, 3);
  EXPECT_THAT(batch.valid, ElementsAre(1, 1, 1, 1, 1, 0));
  EXPECT_THAT(batch.in_loss, ElementsAre(1, 1, 1, 1, 1, 0));
  EXPECT_THAT(std::span(batch.rows.observations).last(2), Each(0));
  EXPECT_THAT(std::span(batch.target_actions).last(2), Each(0));
  EXPECT_THAT(std::span(batch.taken_actions).last(2), Each(0));
  EXPECT_THAT(std::span(batch.next_observations).last(2), Each(0));
  EXPECT_EQ(batch.rows.returns.back(), 0);
  EXPECT_EQ(batch.rewards.back(), 0);
  EXPECT_EQ(batch.ends.back(), 0);
  EXPECT_EQ(batch.next_known.back(), 0);
}

TEST(FillBatchTest, PaddingIsZeroInMemoryThatHeldMore) {
  const EpisodeSet set = TwoEpisodes();
  const Normalizer normalizer = Plain();
  std::mt19937_64 random(0);
  const BatchParts everything{.taken_actions = true, .outcomes = true};
  auto drawn = ChainBatches(set, normalizer, {.episodes = 2}, 2).Draw(random);
  drawn[0] = {.chain = {.episodes = {1}, .targets = {4}}, .first = 0, .length = 3};
  drawn[1] = {.chain = {.episodes = {0}, .targets = {4}}, .first = 0, .length = 1};
  Batch used;
  for (std::vector<float>* values :
       {&used.rows.observations, &used.rows.returns, &used.rows.previous_actions,
        &used.target_actions, &used.taken_actions, &used.next_observations, &used.rewards}) {
    values->assign(100, 7);
  }
  Batch fresh;
  FillBatch(set, normalizer, drawn, {}, everything, used);
  FillBatch(set, normalizer, drawn, {}, everything, fresh);
  EXPECT_EQ(used.rows.observations, fresh.rows.observations);
  EXPECT_EQ(used.rows.returns, fresh.rows.returns);
  EXPECT_EQ(used.rows.previous_actions, fresh.rows.previous_actions);
  EXPECT_EQ(used.target_actions, fresh.target_actions);
  EXPECT_EQ(used.taken_actions, fresh.taken_actions);
  EXPECT_EQ(used.next_observations, fresh.next_observations);
  EXPECT_EQ(used.rewards, fresh.rewards);
}

TEST(FillBatchTest, PackedRowHasNoPaddingAndSaysWhoseStepsTheyAre) {
  const EpisodeSet set = TwoEpisodes();
  const Batch batch =
      BatchOf(set, {{.episodes = {0}, .targets = {4}}, {.episodes = {1, 0}, .targets = {4, 4}}},
              {.rows = ChainRows::kPacked}, {.taken_actions = true, .outcomes = true});
  EXPECT_EQ(batch.chains, 1);
  EXPECT_EQ(batch.steps, 7);
  EXPECT_THAT(batch.segments, ElementsAre(0, 0, 1, 1, 1, 1, 1));
  EXPECT_THAT(batch.valid, Each(1));
  EXPECT_THAT(batch.rows.episodes, ElementsAre(0, 0, 0, 0, 0, 1, 1));
  EXPECT_THAT(batch.rows.returns, ElementsAre(4, 3, 4, 4, 0, 4, 3)) << "each chain begins anew";
  EXPECT_THAT(batch.rewards, ElementsAre(1, 2, 0, 4, 0, 1, 2));
  EXPECT_THAT(batch.ends, ElementsAre(0, 1, 0, 0, 0, 0, 1));
}

TEST(FillBatchTest, WindowKnowsWhatCameBeforeItInItsEpisode) {
  const EpisodeSet set = TwoEpisodes();
  const Batch batch = WindowOf(set, {.episodes = {0, 1}, .targets = {5, 5}}, 3, 2, {});
  EXPECT_THAT(batch.rows.observations, ElementsAre(110, 1, 120, 1));
  EXPECT_THAT(batch.rows.returns, ElementsAre(5, 1));
  EXPECT_THAT(batch.rows.previous_rewards, ElementsAre(0, 4));
  EXPECT_THAT(batch.rows.previous_actions, ElementsAre(0, -0.5, 0.25, -0.5));
  EXPECT_THAT(batch.rows.episode_steps, ElementsAre(1, 2));
  EXPECT_THAT(batch.rows.episodes, ElementsAre(1, 1));
}

TEST(FillBatchTest, WindowAtABoundaryCarriesTheEpisodeBefore) {
  const EpisodeSet set = TwoEpisodes();
  const Chain chain{.episodes = {0, 1}, .targets = {3, 3}};
  const Batch batch = WindowOf(set, chain, 2, 1, {.boundary = EpisodeBoundary::kCarry});
  EXPECT_THAT(batch.rows.previous_rewards, ElementsAre(2));
  EXPECT_THAT(batch.rows.previous_completions, ElementsAre(1));
  EXPECT_THAT(batch.rows.returns, ElementsAre(3));
}

TEST(FillBatchTest, WindowBeforeTheLastEpisodeHasNoLossOfIt) {
  const EpisodeSet set = TwoEpisodes();
  const Chain chain{.episodes = {0, 1}, .targets = {3, 3}};
  const ChainOptions last{.loss = ChainLoss::kLastEpisode};
  EXPECT_THAT(WindowOf(set, chain, 0, 2, last).in_loss, ElementsAre(0, 0));
  EXPECT_THAT(WindowOf(set, chain, 1, 3, last).in_loss, ElementsAre(0, 1, 1));
  EXPECT_THAT(WindowOf(set, chain, 1, 3, last).valid, ElementsAre(1, 1, 1));
}

TEST(FillBatchTest, DiscreteActionsAreOneHot) {
  const std::string path = TemporaryPath("discrete.hdf5");
  MinariWriter writer(path, {.observation_size = 1,
                             .action_size = 3,
                             .action_kind = ActionKind::kDiscrete,
                             .action_type = "int64"});
  writer.Write({.observation_size = 1,
                .action_columns = 1,
                .observations = {0, 1, 2},
                .actions = {2, 0},
                .rewards = {0, 0},
                .truncated = true});
  writer.Finish();
  const EpisodeSet set = EpisodeSet::Load({path});
  std::mt19937_64 random(0);
  const Batch batch =
      MakeBatch(set, set.ComputeNormalizer(), {{.episodes = {0}, .targets = {0}}}, {}, random);
  EXPECT_THAT(batch.target_actions, ElementsAre(0, 0, 1, 1, 0, 0));
  EXPECT_THAT(batch.rows.previous_actions, ElementsAre(0, 0, 0, 0, 0, 1));
}

// DPT: predicted is the label; seen, and valued by critics, is what was done.
TEST(FillBatchTest, LabelsArePredictedAndActionsSeen) {
  const std::string path = TemporaryPath("labels.hdf5");
  MinariWriter writer(path, {.observation_size = 1,
                             .action_size = 3,
                             .action_kind = ActionKind::kDiscrete,
                             .action_type = "int64"});
  writer.Write({.observation_size = 1,
                .action_columns = 1,
                .observations = {0, 1, 2},
                .actions = {2, 0},
                .rewards = {0, 0},
                .truncated = true},
               {}, {.seed = {}, .infos = {{"label", {"int64", {}, {1, 2}}}}, .left_out = {}});
  writer.Finish();
  const EpisodeSet set = EpisodeSet::Load({path}, {.labels = "label"});
  std::mt19937_64 random(0);
  const Batch batch =
      MakeBatch(set, set.ComputeNormalizer(), {{.episodes = {0, 0}, .targets = {0, 0}}}, {}, random,
                {.taken_actions = true});
  EXPECT_THAT(batch.target_actions, ElementsAre(0, 1, 0, 0, 0, 1, 0, 1, 0, 0, 0, 1));
  EXPECT_THAT(batch.taken_actions, ElementsAre(0, 0, 1, 1, 0, 0, 0, 0, 1, 1, 0, 0));
  EXPECT_THAT(batch.rows.previous_actions, ElementsAre(0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1));
}

// In each chain the choices trade places: those that were taken and those that are predicted alike.
TEST(FillBatchTest, LabelsGoThroughTheMapsOfTheirChain) {
  const std::string path = TemporaryPath("mapped_labels.hdf5");
  MinariWriter writer(path, {.observation_size = 1,
                             .action_size = 5,
                             .action_kind = ActionKind::kDiscrete,
                             .action_type = "int64"});
  const std::vector<double> choices = {3, 0, 4, 1, 2};
  writer.Write({.observation_size = 1,
                .action_columns = 1,
                .observations = std::vector<double>(6, 0),
                .actions = choices,
                .rewards = std::vector<double>(5, 0),
                .truncated = true},
               {}, {.seed = {}, .infos = {{"label", {"int64", {}, choices}}}, .left_out = {}});
  writer.Finish();
  const EpisodeSet set = EpisodeSet::Load({path}, {.labels = "label"});
  const ChainWindow seen = {.chain = {.episodes = {0}, .targets = {0}}, .length = 5, .map = 11};
  Batch batch;
  FillBatch(set, set.ComputeNormalizer(), std::vector{seen}, {}, {.taken_actions = true}, batch);
  EXPECT_EQ(batch.target_actions, batch.taken_actions);
  const std::span<const float> as_recorded = set.actions(0);
  EXPECT_FALSE(std::ranges::equal(batch.taken_actions, as_recorded));
}

TEST(FillBatchTest, WhatIsNotAskedForTakesNoRoom) {
  const EpisodeSet set = TwoEpisodes();
  const Batch batch = BatchOf(set, {{.episodes = {0}, .targets = {4}}});
  EXPECT_THAT(batch.segments, IsEmpty());
  EXPECT_THAT(batch.taken_actions, IsEmpty());
  EXPECT_THAT(batch.rewards, IsEmpty());
  EXPECT_THAT(batch.ends, IsEmpty());
  EXPECT_THAT(batch.next_observations, IsEmpty());
  EXPECT_THAT(batch.next_known, IsEmpty());
}

}  // namespace
}  // namespace longplay
