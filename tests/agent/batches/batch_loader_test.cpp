// SPDX-License-Identifier: MIT
#include "agent/batches/batch_loader.h"

#include <gtest/gtest.h>

#include "tests/agent/small_data.h"

namespace longplay {
namespace {

TEST(BatchLoaderTest, BatchesAndDrawsAreThoseOfOneThread) {
  const TrajectorySet set = TrajectorySet::Load({WriteSmallData()});
  const Normalizer normalizer = set.ComputeNormalizer();
  const ChainOptions options{.episodes = 2, .window = 5};
  const ChainSampler sampler(set, options);
  std::mt19937_64 random(7);
  BatchLoader loader(set, sampler, normalizer, options, 3, random);
  for (int k = 0; k < 20; ++k) {
    std::vector<TrajectoryChain> chains;
    for (int i = 0; i < 3; ++i) chains.push_back(sampler.Sample(random));
    const Batch expected = MakeBatch(set, normalizer, chains, options, random);
    LoadedBatch loaded = loader.Next();
    EXPECT_EQ(loaded.batch.rows.observations, expected.rows.observations);
    EXPECT_EQ(loaded.batch.rows.returns, expected.rows.returns);
    EXPECT_EQ(loaded.batch.actions, expected.actions);
    EXPECT_EQ(loaded.random, random);
    loader.Recycle(std::move(loaded.batch));
  }
}

}  // namespace
}  // namespace longplay
