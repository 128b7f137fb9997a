// SPDX-License-Identifier: MIT
#include "agent/batches/training_tokens.h"

#include <gtest/gtest.h>

#include "tests/agent/small_data.h"

namespace longplay {
namespace {

TEST(TrainingTokensTest, AStepSeesWholeChainsOfEveryToken) {
  const EpisodeSet set = EpisodeSet::Load({WriteSmallData()});
  RunOptions options = SmallRun(set.info().path);  // 48 tokens: four chains of two times six steps
  EXPECT_EQ(ChainsPerStep(options, set), 4);
  EXPECT_EQ(ExpectTokens(options, set).chain_steps, 12);
  EXPECT_EQ(ExpectTokens(options, set).tokens_per_step, 48);
  options.chain.window = 9;
  EXPECT_EQ(ExpectTokens(options, set).chain_steps, 9);
  options.model.tokens.layout = TokenLayout::kInterleaved;  // five tokens a step
  EXPECT_EQ(ChainsPerStep(options, set), 1);
  EXPECT_EQ(ExpectTokens(options, set).tokens_per_step, 45);
}

TEST(TrainingTokensTest, TransitionsCountOnce) {
  const EpisodeSet set = EpisodeSet::Load({WriteSmallData()});
  RunOptions options = SmallRun(set.info().path);
  options.train.method = Method::kTd3Bc;
  options.methods.td3_bc.batch = 32;
  EXPECT_EQ(ExpectTokens(options, set).tokens_per_step, 32);
}

}  // namespace
}  // namespace longplay
