// SPDX-License-Identifier: MIT
#include "datasets/chains/chain_batches.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "datasets/writers/minari_writer.h"
#include "tests/temporary_folder.h"

namespace longplay {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

/// Five episodes of 2, 3, 4, 5 and 6 steps; observation t of episode e is 10 e + t.
EpisodeSet FiveEpisodes() {
  const std::string path = TemporaryPath("five_episodes.hdf5");
  MinariWriter writer(path, {.observation_size = 1, .action_size = 1});
  for (int e = 0; e < 5; ++e) {
    Episode episode{.observation_size = 1, .action_columns = 1, .truncated = true};
    for (int t = 0; t <= e + 2; ++t) episode.observations.push_back(10 * e + t);
    episode.actions.assign(e + 2, 0.5);
    episode.rewards.assign(e + 2, 1);
    writer.Write(episode);
  }
  writer.Finish();
  return EpisodeSet::Load({path});
}

Normalizer Plain() {
  return {
      .observation_mean = {0}, .observation_std = {1}, .action_center = {0}, .action_scale = {1}};
}

int64_t Steps(const EpisodeSet& set, const Chain& chain) {
  int64_t steps = 0;
  for (const int64_t episode : chain.episodes) steps += set.length(episode);
  return steps;
}

TEST(ChainBatchesTest, AsManyChainsAreDrawnAsAreAskedFor) {
  const EpisodeSet set = FiveEpisodes();
  const Normalizer normalizer = Plain();
  const ChainBatches source(set, normalizer, {.episodes = 3}, 7);
  std::mt19937_64 random(0);
  const auto drawn = source.Draw(random);
  ASSERT_THAT(drawn, SizeIs(7));
  for (const auto& window : drawn) {
    EXPECT_THAT(window.chain.episodes, SizeIs(3));
    EXPECT_THAT(window.chain.targets, SizeIs(3));
    EXPECT_EQ(window.first, 0);
    EXPECT_EQ(window.length, Steps(set, window.chain)) << "without a window: the whole chain";
  }
}

TEST(ChainBatchesTest, SameGeneratorSameChains) {
  const EpisodeSet set = FiveEpisodes();
  const Normalizer normalizer = Plain();
  const ChainBatches source(set, normalizer, {.episodes = 2, .window = 3}, 20);
  std::mt19937_64 one(5), again(5), other(6);
  const auto a = source.Draw(one), b = source.Draw(again), c = source.Draw(other);
  int differ = 0;
  for (size_t i = 0; i < 20; ++i) {
    EXPECT_EQ(a[i].chain.episodes, b[i].chain.episodes);
    EXPECT_EQ(a[i].first, b[i].first);
    differ += a[i].chain.episodes != c[i].chain.episodes ? 1 : 0;
  }
  EXPECT_GT(differ, 0);
}

TEST(ChainBatchesTest, WindowsLieAnywhereInsideTheirChains) {
  const EpisodeSet set = FiveEpisodes();
  const Normalizer normalizer = Plain();
  const ChainBatches source(set, normalizer, {.episodes = 1, .window = 4}, 500);
  std::mt19937_64 random(1);
  std::set<int64_t> starts_of_longest;
  for (const auto& window : source.Draw(random)) {
    const int64_t steps = Steps(set, window.chain);
    EXPECT_EQ(window.length, std::min<int64_t>(steps, 4));
    EXPECT_GE(window.first, 0);
    EXPECT_LE(window.first + window.length, steps);
    if (window.chain.episodes[0] == 4) starts_of_longest.insert(window.first);
  }
  EXPECT_THAT(starts_of_longest, ElementsAre(0, 1, 2));  // of 6 steps
}

TEST(ChainBatchesTest, LoadedInPartsTheRowsAreTheSame) {
  const EpisodeSet set = FiveEpisodes();
  const Normalizer normalizer = Plain();
  const ChainBatches source(set, normalizer, {.episodes = 2}, 4);
  std::mt19937_64 random(2);
  const auto drawn = source.Draw(random);
  Batch whole, part;
  source.Load(drawn, whole);
  for (size_t i = 0; i < drawn.size(); ++i) {
    source.Load(std::span(drawn).subspan(i, 1), part);
    ASSERT_EQ(part.chains, 1);
    ASSERT_EQ(part.steps, drawn[i].length);
    const auto first = static_cast<int64_t>(i) * whole.steps;
    for (int64_t t = 0; t < part.steps; ++t) {
      EXPECT_EQ(part.rows.observations[t], whole.rows.observations[first + t]);
      EXPECT_EQ(part.rows.returns[t], whole.rows.returns[first + t]);
      EXPECT_EQ(part.target_actions[t], whole.target_actions[first + t]);
    }
  }
}

TEST(ChainBatchesTest, RowsArePackedWhenTheOptionsSaySo) {
  const EpisodeSet set = FiveEpisodes();
  const Normalizer normalizer = Plain();
  const ChainBatches padded(set, normalizer, {.episodes = 1}, 3);
  const ChainBatches packed(set, normalizer, {.episodes = 1, .rows = ChainRows::kPacked}, 3);
  EXPECT_FALSE(padded.packed());
  EXPECT_TRUE(packed.packed());
  std::mt19937_64 random(3);
  const auto drawn = packed.Draw(random);
  Batch batch;
  packed.Load(drawn, batch);
  EXPECT_EQ(batch.chains, 1);
  EXPECT_EQ(batch.steps, drawn[0].length + drawn[1].length + drawn[2].length);
}

TEST(ChainBatchesTest, PartsAreThoseAskedFor) {
  const EpisodeSet set = FiveEpisodes();
  const Normalizer normalizer = Plain();
  std::mt19937_64 random(4);
  const ChainBatches source(set, normalizer, {.episodes = 1}, 2, {.outcomes = true});
  Batch batch;
  source.Load(source.Draw(random), batch);
  EXPECT_THAT(batch.rewards, SizeIs(batch.chains * batch.steps));
  EXPECT_THAT(batch.taken_actions, SizeIs(0));
}

TEST(ChainBatchesTest, HistoriesThatAreTooShortAreRefusedByTheirKey) {
  const EpisodeSet set = FiveEpisodes();
  const Normalizer normalizer = Plain();
  const ChainOptions options{.episodes = 6, .source = ChainSource::kHistory};
  EXPECT_THAT([&] { ChainBatches(set, normalizer, options, 1); },
              testing::ThrowsMessage<std::invalid_argument>(
                  "sampling chains: chain.source: expected a history of at least 6 episodes, got "
                  "none"));
}

// Losses are divided by what is known from the draw alone.
TEST(ChainBatchesTest, StepsInTheLossAreKnownBeforeLoading) {
  const EpisodeSet set = FiveEpisodes();
  const Normalizer plain = Plain();
  for (const ChainLoss loss : {ChainLoss::kAllEpisodes, ChainLoss::kLastEpisode}) {
    for (const int64_t window : {0, 3, 5}) {
      const ChainBatches batches(set, plain, {.episodes = 3, .window = window, .loss = loss}, 6);
      std::mt19937_64 random(window);
      for (const ChainWindow& drawn : batches.Draw(random)) {
        Batch batch;
        batches.Load({&drawn, 1}, batch);
        EXPECT_EQ(batches.StepsInLoss(drawn), std::ranges::count(batch.in_loss, 1));
      }
    }
  }
}

}  // namespace
}  // namespace longplay
