// SPDX-License-Identifier: MIT
#include "datasets/chain.h"

#include <gtest/gtest.h>

#include "datasets/minari_writer.h"
#include "tests/temporary_folder.h"

namespace longplay {
namespace {

/// Three episodes of 2, 3 and 1 steps with returns 3, 1 and 2; observation = 10 * episode + step.
TrajectorySet SmallSet() {
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
  return TrajectorySet::Load({path});
}

Normalizer Plain() { return {{0}, {1}, {0}, {1}, 1, 1}; }

TEST(ChainTest, EpisodesAscendByReturnAndAreAskedForTheBest) {
  const TrajectorySet set = SmallSet();
  std::mt19937_64 random(0);
  const TrajectoryChain chain = MakeChain(set, {0, 1, 2}, {}, random);
  EXPECT_EQ(chain.episodes, (std::vector<int64_t>{1, 2, 0}));
  EXPECT_EQ(chain.targets, (std::vector<double>{3, 3, 3}));
}

TEST(ChainTest, OwnTargetsAreEachEpisodesReturn) {
  const TrajectorySet set = SmallSet();
  std::mt19937_64 random(0);
  const TrajectoryChain chain = MakeChain(
      set, {2, 0}, {.order = ChainOrder::kCollected, .target = ChainTarget::kOwnReturn}, random);
  EXPECT_EQ(chain.episodes, (std::vector<int64_t>{0, 2}));
  EXPECT_EQ(chain.targets, (std::vector<double>{3, 2}));
}

TEST(ChainTest, BatchHoldsStepsThenPadding) {
  const TrajectorySet set = SmallSet();
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
  const std::vector<double> observation{0};
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
  const TrajectorySet set = SmallSet();
  std::mt19937_64 random(0);
  const Batch batch = MakeBatch(set, Plain(), {{.episodes = {2, 0}, .targets = {3, 3}}},
                                {.loss = ChainLoss::kLastEpisode}, random);
  EXPECT_EQ(batch.in_loss, (std::vector<uint8_t>{0, 1, 1}));
}

TEST(ChainTest, HistoriesThatAreTooShortAreRefused) {
  const TrajectorySet set = SmallSet();
  EXPECT_THROW(ChainSampler(set, {.episodes = 3, .source = ChainSource::kHistory}),
               std::invalid_argument);
  std::mt19937_64 random(0);
  const ChainSampler sampler(set, {.episodes = 2, .source = ChainSource::kHistory});
  for (int i = 0; i < 10; ++i) {
    for (const int64_t episode : sampler.Sample(random).episodes) EXPECT_LT(episode, 2);
  }
}

}  // namespace
}  // namespace longplay
