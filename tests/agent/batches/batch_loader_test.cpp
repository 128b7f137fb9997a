// SPDX-License-Identifier: MIT
#include "agent/batches/batch_loader.h"

#include <gtest/gtest.h>

#include "datasets/chains/chain_batches.h"
#include "datasets/chains/fill_batch.h"
#include "tests/agent/small_data.h"

namespace longplay {
namespace {

TEST(BatchLoaderTest, BatchesAndDrawsAreThoseOfOneThread) {
  const EpisodeSet set = EpisodeSet::Load({WriteSmallData()});
  const Normalizer normalizer = set.ComputeNormalizer();
  const ChainOptions options{.episodes = 2, .window = 5};
  const ChainBatches source(set, normalizer, options, 3);
  const ChainSampler sampler(set, options);
  std::mt19937_64 random(7);
  BatchLoader loader(source, {}, random);
  for (int k = 0; k < 20; ++k) {
    std::vector<Chain> chains;
    for (int i = 0; i < 3; ++i) chains.push_back(sampler.Sample(random));
    const Batch expected = MakeBatch(set, normalizer, chains, options, random);
    LoadedStep loaded = loader.Next();
    ASSERT_EQ(loaded.passes.size(), 1U);
    EXPECT_EQ(loaded.passes[0].rows.observations, expected.rows.observations);
    EXPECT_EQ(loaded.passes[0].rows.returns, expected.rows.returns);
    EXPECT_EQ(loaded.passes[0].target_actions, expected.target_actions);
    EXPECT_EQ(loaded.random, random);
    loader.Recycle(std::move(loaded.passes));
  }
}

TEST(BatchLoaderTest, PassesHoldTheStepsChainsInTheirOrder) {
  const EpisodeSet set = EpisodeSet::Load({WriteSmallData()});
  const Normalizer normalizer = set.ComputeNormalizer();
  const ChainBatches source(set, normalizer, {.episodes = 1}, 5);
  const std::mt19937_64 random(7);
  BatchLoader whole(source, {}, random),
      parts(source, {.steps = 12}, random);  // two chains of six steps
  for (int k = 0; k < 3; ++k) {
    const LoadedStep step = whole.Next(), split = parts.Next();
    ASSERT_EQ(split.passes.size(), 3U);
    std::vector<float> observations;
    int64_t chains = 0;
    for (const Batch& pass : split.passes) {
      EXPECT_EQ(pass.first_chain, chains);
      chains += pass.chains;
      observations.insert(observations.end(), pass.rows.observations.begin(),
                          pass.rows.observations.end());
    }
    EXPECT_EQ(observations, step.passes[0].rows.observations);
    EXPECT_EQ(split.random, step.random);
  }
}

}  // namespace
}  // namespace longplay
