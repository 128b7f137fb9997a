// SPDX-License-Identifier: MIT
#include "datasets/chains/chain.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "datasets/chains/fill_batch.h"
#include "datasets/chains/step_encoder.h"
#include "datasets/writers/minari_writer.h"
#include "tests/temporary_folder.h"

namespace longplay {
namespace {

/// Three episodes of 2, 3 and 1 steps with returns 3, 1 and 2; observation = 10 * episode + step.
EpisodeSet SmallSet() {
  const std::string path = TemporaryPath("chain.hdf5");
  MinariWriter writer(path, {.observation_size = 1, .action_size = 1});
  const std::vector<std::vector<double>> rewards = {{1, 2}, {0, 0, 1}, {2}};
  for (size_t e = 0; e < rewards.size(); ++e) {
    Episode episode{.observation_size = 1, .action_columns = 1, .rewards = rewards[e]};
    for (size_t t = 0; t <= rewards[e].size(); ++t) {
      episode.observations.push_back(static_cast<double>(10 * e + t));
      if (t < rewards[e].size()) episode.actions.push_back(0.25);
    }
    episode.terminated = true;
    writer.Write(episode, {{"history", e == 2 ? 1 : 0}});
  }
  writer.Finish();
  return EpisodeSet::Load({path});
}

Normalizer Plain() {
  return {
      .observation_mean = {0}, .observation_std = {1}, .action_center = {0}, .action_scale = {1}};
}

TEST(ChainTest, EpisodesAscendByReturnAndAreAskedForTheBest) {
  const EpisodeSet set = SmallSet();
  std::mt19937_64 random(0);
  const Chain chain = MakeChain(set, {0, 1, 2}, {}, random);
  EXPECT_EQ(chain.episodes, (std::vector<int64_t>{1, 2, 0}));
  EXPECT_EQ(chain.targets, (std::vector<double>{3, 3, 3}));
}

TEST(ChainTest, OwnTargetsAreEachEpisodesReturn) {
  const EpisodeSet set = SmallSet();
  std::mt19937_64 random(0);
  const Chain chain = MakeChain(
      set, {2, 0}, {.order = ChainOrder::kCollected, .target = ChainTarget::kOwnReturn}, random);
  EXPECT_EQ(chain.episodes, (std::vector<int64_t>{0, 2}));
  EXPECT_EQ(chain.targets, (std::vector<double>{3, 2}));
}

TEST(ChainTest, BatchHoldsStepsThenPadding) {
  const EpisodeSet set = SmallSet();
  std::mt19937_64 random(0);
  const ChainOptions options{.boundary = EpisodeBoundary::kCarry};
  const Batch batch = MakeBatch(
      set, Plain(), {{.episodes = {2, 0}, .targets = {3, 3}}, {.episodes = {2}, .targets = {2}}},
      options, random);
  EXPECT_EQ(batch.steps, 3);
  EXPECT_EQ(batch.valid, (std::vector<uint8_t>{1, 1, 1, 1, 0, 0}));
  EXPECT_EQ(batch.rows.observations, (std::vector<float>{20, 0, 1, 20, 0, 0}));
  EXPECT_EQ(batch.rows.returns, (std::vector<float>{3, 3, 2, 2, 0, 0}));
  EXPECT_EQ(batch.rows.previous_rewards, (std::vector<float>{0, 2, 1, 0, 0, 0}));
  EXPECT_EQ(batch.rows.episodes, (std::vector<int64_t>{0, 1, 1, 0, 0, 0}));
}

TEST(ChainTest, CompletionMarksTheLastStepOfAnEpisodeThatReachedTheTarget) {
  const Normalizer normalizer = Plain();
  StepEncoder encoder(normalizer, EpisodeBoundary::kCarry);
  StepRows rows = StepRows::Zeros(3, 1, 1);
  const std::vector<float> observation{0};
  const std::vector<float> action{0};
  encoder.StartEpisode(3);
  encoder.Record(action, 1, false);
  encoder.Write(observation, rows, 0);
  encoder.Record(action, 2, true);
  encoder.StartEpisode(3);
  encoder.Write(observation, rows, 1);
  encoder.Record(action, 1, true);
  encoder.StartEpisode(3);
  encoder.Write(observation, rows, 2);
  EXPECT_EQ(rows.previous_completions, (std::vector<float>{0, 1, 0}));
}

TEST(ChainTest, LastEpisodeLossLeavesTheOthersOut) {
  const EpisodeSet set = SmallSet();
  std::mt19937_64 random(0);
  const Batch batch = MakeBatch(set, Plain(), {{.episodes = {2, 0}, .targets = {3, 3}}},
                                {.loss = ChainLoss::kLastEpisode}, random);
  EXPECT_EQ(batch.in_loss, (std::vector<uint8_t>{0, 1, 1}));
}

TEST(ChainTest, HistoriesThatAreTooShortAreRefused) {
  const EpisodeSet set = SmallSet();
  EXPECT_THROW(ChainSampler(set, {.episodes = 3, .source = ChainSource::kHistory}),
               std::invalid_argument);
  std::mt19937_64 random(0);
  const ChainSampler sampler(set, {.episodes = 2, .source = ChainSource::kHistory});
  for (int i = 0; i < 10; ++i) {
    for (const int64_t episode : sampler.Sample(random).episodes) EXPECT_LT(episode, 2);
  }
}

// The window's rows are those of the whole chain, also where it begins in the middle of an episode
// or of a chain, and whatever the batch's memory held before.
TEST(ChainTest, WindowIsConsecutiveStepsOfTheChain) {
  const EpisodeSet set = SmallSet();
  for (const EpisodeBoundary boundary : {EpisodeBoundary::kZeros, EpisodeBoundary::kCarry}) {
    std::mt19937_64 random(0);
    const Chain chain{.episodes = {1, 0, 2}, .targets = {3, 3, 3}};
    const ChainOptions options{.window = 2, .boundary = boundary};
    const Batch whole = MakeBatch(set, Plain(), {chain}, {.boundary = boundary}, random);
    Batch batch = whole;
    std::set<int64_t> starts;
    for (int draw = 0; draw < 60; ++draw) {
      FillBatch(set, Plain(), {{DrawWindow(set, chain, options.window, random)}}, options, {},
                batch);
      ASSERT_EQ(batch.steps, 2);
      const auto found = std::ranges::search(whole.rows.observations, batch.rows.observations);
      ASSERT_FALSE(found.empty());
      const int64_t start = found.begin() - whole.rows.observations.begin();
      starts.insert(start);
      for (int64_t t = 0; t < 2; ++t) {
        EXPECT_EQ(batch.rows.returns[t], whole.rows.returns[start + t]);
        EXPECT_EQ(batch.rows.previous_actions[t], whole.rows.previous_actions[start + t]);
        EXPECT_EQ(batch.rows.previous_rewards[t], whole.rows.previous_rewards[start + t]);
        EXPECT_EQ(batch.rows.previous_completions[t], whole.rows.previous_completions[start + t]);
        EXPECT_EQ(batch.rows.episode_steps[t], whole.rows.episode_steps[start + t]);
        EXPECT_EQ(batch.rows.episodes[t], whole.rows.episodes[start + t]);
        EXPECT_EQ(batch.target_actions[t], whole.target_actions[start + t]);
      }
    }
    EXPECT_EQ(starts.size(), 5U);
  }
}

TEST(ChainTest, PackedChainsHaveOneRowAndSegments) {
  const EpisodeSet set = SmallSet();
  std::mt19937_64 random(0);
  const std::vector<Chain> chains = {{.episodes = {2, 0}, .targets = {3, 3}},
                                     {.episodes = {1}, .targets = {2}}};
  const Batch padded = MakeBatch(set, Plain(), chains, {}, random);
  const Batch packed = MakeBatch(set, Plain(), chains, {.rows = ChainRows::kPacked}, random);
  EXPECT_TRUE(padded.segments.empty());
  EXPECT_EQ(packed.chains, 1);
  EXPECT_EQ(packed.steps, 6);
  EXPECT_EQ(packed.segments, (std::vector<int64_t>{0, 0, 0, 1, 1, 1}));
  EXPECT_EQ(packed.valid, (std::vector<uint8_t>{1, 1, 1, 1, 1, 1}));
  EXPECT_EQ(packed.rows.observations, padded.rows.observations);
  EXPECT_EQ(packed.rows.returns, padded.rows.returns);
  EXPECT_EQ(packed.rows.episodes, padded.rows.episodes);
}

TEST(ChainTest, ReusedBatchIsThatOfNewMemory) {
  const EpisodeSet set = SmallSet();
  std::mt19937_64 random(0);
  Batch batch =
      MakeBatch(set, Plain(), {{.episodes = {0, 1, 2}, .targets = {3, 3, 3}}}, {}, random);
  const std::vector<Chain> chains = {{.episodes = {2}, .targets = {1}},
                                     {.episodes = {0}, .targets = {1}}};
  std::vector<ChainWindow> windows;
  for (const Chain& chain : chains) {
    windows.push_back(DrawWindow(set, chain, 0, random));
  }
  FillBatch(set, Plain(), windows, {}, {}, batch);
  const Batch expected = MakeBatch(set, Plain(), chains, {}, random);
  EXPECT_EQ(batch.rows.observations, expected.rows.observations);
  EXPECT_EQ(batch.rows.previous_actions, expected.rows.previous_actions);
  EXPECT_EQ(batch.rows.returns, expected.rows.returns);
  EXPECT_EQ(batch.target_actions, expected.target_actions);
  EXPECT_EQ(batch.valid, expected.valid);
  EXPECT_EQ(batch.in_loss, expected.in_loss);
}

// Asked for, they stand beside the inputs; padding is zero.
TEST(ChainTest, OutcomesAreWhatEachStepLedTo) {
  const EpisodeSet set = SmallSet();  // terminated; final observations are recorded
  std::mt19937_64 random(0);
  Normalizer normalizer = Plain();
  normalizer.observation_mean = {10};
  normalizer.observation_std = {2};
  const std::vector<Chain> chains = {{.episodes = {2, 0}, .targets = {3, 3}},
                                     {.episodes = {2}, .targets = {2}}};
  const Batch plain = MakeBatch(set, normalizer, chains, {}, random);
  EXPECT_TRUE(plain.rewards.empty() && plain.taken_actions.empty() && plain.next_known.empty());
  const Batch batch =
      MakeBatch(set, normalizer, chains, {}, random, {.taken_actions = true, .outcomes = true});
  EXPECT_EQ(batch.rewards, (std::vector<float>{2, 1, 2, 2, 0, 0}));
  EXPECT_EQ(batch.ends, (std::vector<float>{1, 0, 1, 1, 0, 0}));
  EXPECT_EQ(batch.next_observations, (std::vector<float>{5.5, -4.5, -4, 5.5, 0, 0}));
  EXPECT_EQ(batch.next_known, (std::vector<uint8_t>{1, 1, 1, 1, 0, 0}));
  EXPECT_EQ(batch.taken_actions, (std::vector<float>{0.25, 0.25, 0.25, 0.25, 0, 0}));
  EXPECT_EQ(batch.target_actions, batch.taken_actions);
  EXPECT_EQ(batch.rows.observations, plain.rows.observations);
}

TEST(ChainTest, EpisodesAreDrawnByTheirWeight) {
  const EpisodeSet set = SmallSet();  // lengths 2, 3, 1; returns 3, 1, 2
  const auto shares = [&](const ChainOptions& options) {
    std::mt19937_64 random(3);
    const ChainSampler sampler(set, options);
    std::vector<double> share(3);
    constexpr int kDraws = 20000;
    for (int k = 0; k < kDraws; ++k) share[sampler.Sample(random).episodes[0]] += 1.0 / kDraws;
    return share;
  };
  const auto expect = [&](const ChainOptions& options, const std::vector<double>& expected) {
    const std::vector<double> share = shares(options);
    for (int k = 0; k < 3; ++k) EXPECT_NEAR(share[k], expected[k], 0.015);  // 4 deviations
  };
  expect({.episodes = 1}, {2 / 6.0, 3 / 6.0, 1 / 6.0});
  expect({.episodes = 1, .weight = EpisodeWeight::kUniform}, {1 / 3.0, 1 / 3.0, 1 / 3.0});
  const double half = std::exp(-0.5 / 0.5), none = std::exp(-1 / 0.5), sum = 1 + half + none;
  expect({.episodes = 1, .weight = EpisodeWeight::kReturn, .temperature = 0.5},
         {1 / sum, none / sum, half / sum});
}

// Once 0.07 * 100 was rounded up to 8.
TEST(ChainTest, ShareOfTheBestEpisodesIsNotRoundedUpForItsBinaryDigits) {
  const std::string path = TemporaryPath("hundred.hdf5");
  MinariWriter writer(path, {.observation_size = 1, .action_size = 1});
  for (double e = 0; e < 100; ++e) {
    writer.Write({.observation_size = 1,
                  .action_columns = 1,
                  .observations = {e, e},
                  .actions = {0},
                  .rewards = {e},
                  .truncated = true});
  }
  writer.Finish();
  const EpisodeSet set = EpisodeSet::Load({path});
  const auto drawn = [&](double share) {
    const ChainSampler sampler(set, {.episodes = 1000, .best_fraction = share});
    std::mt19937_64 random(0);
    const Chain chain = sampler.Sample(random);
    return std::set<int64_t>(chain.episodes.begin(), chain.episodes.end());
  };
  EXPECT_EQ(drawn(0.07), (std::set<int64_t>{93, 94, 95, 96, 97, 98, 99}));
  EXPECT_EQ(drawn(0.021), (std::set<int64_t>{97, 98, 99})) << "a part of one is one";
}

TEST(ChainSamplerTest, NothingToDrawFromIsRefused) {
  const EpisodeSet set = SmallSet();
  EXPECT_THROW(ChainSampler(set, {.episodes = 0}), std::invalid_argument);
  const EpisodeSet empty = EpisodeSet::Load({});
  EXPECT_THROW(ChainSampler(empty, {}), std::invalid_argument);
}

/// Two histories of nine episodes each; episode e of a history earns its place in `returns`.
EpisodeSet TwoHistories() {
  const std::string path = TemporaryPath("two_histories.hdf5");
  MinariWriter writer(path, {.observation_size = 1, .action_size = 1});
  const std::vector<double> returns = {4, 1, 8, 0, 3, 7, 2, 6, 5};
  for (int history = 0; history < 2; ++history) {
    for (const double earned : returns) {
      writer.Write({.observation_size = 1,
                    .action_columns = 1,
                    .observations = {0, 0},
                    .actions = {0},
                    .rewards = {earned + history},
                    .terminated = true},
                   {{"history", history}});
    }
  }
  writer.Finish();
  return EpisodeSet::Load({path});
}

TEST(ChainTest, SkippingTakesEverySkipthEpisodeOfAHistory) {
  const EpisodeSet set = TwoHistories();
  const ChainOptions options{
      .episodes = 3, .skip = 3, .order = ChainOrder::kCollected, .source = ChainSource::kHistory};
  // What can be drawn, counted by hand: a chain reaches over 7 of a history's 9 episodes.
  std::set<std::vector<int64_t>> possible;
  for (const int64_t first : {0, 1, 2, 9, 10, 11}) possible.insert({first, first + 3, first + 6});
  const ChainSampler sampler(set, options);
  std::mt19937_64 random(1);
  std::set<std::vector<int64_t>> drawn;
  for (int draw = 0; draw < 300; ++draw) drawn.insert(sampler.Sample(random).episodes);
  EXPECT_EQ(drawn, possible);
}

TEST(ChainTest, WhatOnlyOneOrderHasIsRefusedInOthers) {
  const EpisodeSet set = TwoHistories();
  const auto refusal = [&](const ChainOptions& options) -> std::string {
    try {
      const ChainSampler sampler(set, options);
    } catch (const std::invalid_argument& error) {
      return error.what();
    }
    return "none";
  };
  EXPECT_EQ(refusal({.episodes = 2, .skip = 2}),
            "sampling chains: chain.skip: expected 1 without chain.source: history and "
            "chain.order: collected, got 2");
  EXPECT_EQ(refusal({.episodes = 2, .source = ChainSource::kHistory, .query_fraction = 0.5}),
            "sampling chains: chain.query_fraction: expected 1 without chain.source: history and "
            "chain.order: shuffled, got 0.500000");
  EXPECT_EQ(refusal({.episodes = 5,
                     .skip = 3,
                     .order = ChainOrder::kCollected,
                     .source = ChainSource::kHistory}),
            "sampling chains: chain.source: expected a history of at least 13 episodes, got none");
}

TEST(ChainTest, TheQueryIsOneOfTheBestAndItsContextIsAnyOfTheSameHistory) {
  const EpisodeSet set = TwoHistories();
  const ChainOptions options{.episodes = 3,
                             .order = ChainOrder::kShuffled,
                             .target = ChainTarget::kOwnReturn,
                             .source = ChainSource::kHistory,
                             .query_fraction = 0.2};  // 2 of 9: those that earn 8 and 7
  const ChainSampler sampler(set, options);
  std::mt19937_64 random(1);
  std::set<int64_t> queries;
  std::set<std::vector<int64_t>> contexts;  // of query 2, in the first history
  for (int draw = 0; draw < 4000; ++draw) {
    const Chain chain = sampler.Sample(random);
    ASSERT_EQ(chain.episodes.size(), 3U);
    const int64_t query = chain.episodes[2];
    queries.insert(query);
    EXPECT_EQ(std::set(chain.episodes.begin(), chain.episodes.end()).size(), 3U);
    for (size_t e = 0; e < 3; ++e) {
      EXPECT_EQ(set.history(chain.episodes[e]), set.history(query));
      EXPECT_EQ(chain.targets[e], set.episode_return(chain.episodes[e]));
    }
    if (query == 2) contexts.insert({chain.episodes[0], chain.episodes[1]});
  }
  EXPECT_EQ(queries, (std::set<int64_t>{2, 5, 11, 14}));
  EXPECT_EQ(contexts.size(), 8U * 7);  // every ordered pair of the other eight
}

}  // namespace
}  // namespace longplay
