// SPDX-License-Identifier: MIT
#include "agent/batches/share_steps.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include <stdexcept>

#include "agent/ranks/context_group.h"
#include "model/ranks/sequence_slice.h"
#include "tests/agent/ranks/thread_ranks.h"

namespace longplay {
namespace {

/// One pass of two chains of N steps, whose numbers say where they stand.
std::vector<TrainingBatch> Passes(int64_t N) {
  const auto places = torch::arange(2 * N, torch::kFloat64).view({2, N});
  TrainingBatch batch{.target_actions = places.unsqueeze(2), .in_loss = places > 0, .rows = 2};
  batch.inputs = {.returns = places,
                  .observations = places.unsqueeze(2),
                  .previous_actions = places.unsqueeze(2),
                  .previous_rewards = places,
                  .previous_completions = places,
                  .episode_steps = places.to(torch::kInt64),
                  .episodes = places.to(torch::kInt64)};
  return {batch};
}

TEST(ShareStepsTest, EveryRankHasItsStepsAndKnowsOfAll) {
  ThreadRanks(2).Run([](ProcessGroup& group) {
    ContextGroup context(group, 2);
    // Full attention: the first and the last quarter, and what is between.
    std::vector<TrainingBatch> passes = Passes(8);
    ShareSteps(passes, {}, 1, context);
    const auto expected = group.rank() == 0
                              ? torch::tensor({{0, 1, 6, 7}, {8, 9, 14, 15}}, torch::kFloat64)
                              : torch::tensor({{2, 3, 4, 5}, {10, 11, 12, 13}}, torch::kFloat64);
    const StepTensors& inputs = passes[0].inputs;
    EXPECT_TRUE(inputs.returns.equal(expected));
    EXPECT_TRUE(inputs.observations.squeeze(2).equal(expected));
    EXPECT_TRUE(passes[0].target_actions.squeeze(2).equal(expected));
    EXPECT_TRUE(passes[0].in_loss.equal(expected > 0));
    EXPECT_EQ(inputs.slice->episodes.size(1), 8);
    EXPECT_FALSE(passes[0].rewards.defined());
    // A mixer with a state: one half after the other.
    passes = Passes(8);
    ShareSteps(passes, {.mixer = MixerKind::kMamba}, 1, context);
    EXPECT_EQ(passes[0].inputs.returns[0][0].item<double>(), 4.0 * group.rank());
  });
}

TEST(ShareStepsTest, AChainThatIsTooShortIsRefusedWithTheWayOut) {
  ThreadRanks(3).Run([](ProcessGroup& group) {
    ContextGroup context(group, 3);
    std::vector<TrainingBatch> passes = Passes(2);
    try {
      ShareSteps(passes, {}, 1, context);
      FAIL() << "two steps for three ranks";
    } catch (const std::invalid_argument& error) {
      EXPECT_STREQ(error.what(),
                   "training: parallel.context: 3 ranks share a chain: expected at least 3 steps, "
                   "got 2; longer chains (chain.episodes), or a smaller parallel.context");
    }
  });
}

}  // namespace
}  // namespace longplay
