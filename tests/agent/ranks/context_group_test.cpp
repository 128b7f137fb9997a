// SPDX-License-Identifier: MIT
#include "agent/ranks/context_group.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include "tests/agent/ranks/thread_ranks.h"

namespace longplay {
namespace {

// Ranks 0 and 1 share sequences, and 2 and 3: each pair talks among itself.
TEST(ContextGroupTest, NeighboursShareAContext) {
  ThreadRanks(4).Run([](ProcessGroup& group) {
    ContextGroup context(group, 2);
    EXPECT_EQ(context.size(), 2);
    EXPECT_EQ(context.rank(), group.rank() % 2);
    const int64_t other = 1 - context.rank();
    const auto own = torch::full({3}, static_cast<double>(group.rank()), torch::kFloat64);
    context.Send(own, other, RankLane::kStates);
    context.Send(own + 10, other, RankLane::kKeys);
    const auto keys = context.StartReceive({3}, torch::kFloat64, other, RankLane::kKeys)();
    const auto state = context.StartReceive({3}, torch::kFloat64, other, RankLane::kStates)();
    context.FinishSends();
    const auto expected = static_cast<double>(group.rank() / 2 * 2 + other);
    EXPECT_TRUE(state.equal(torch::full({3}, expected, torch::kFloat64)));
    EXPECT_TRUE(keys.equal(state + 10));
    // Nothing is no message.
    context.Send(torch::empty({0}), other, RankLane::kStates);
    EXPECT_EQ(context.StartReceive({0, 2}, torch::kFloat32, other, RankLane::kStates)().size(1), 2);
    EXPECT_EQ(context.bytes_sent(), 48);
    EXPECT_EQ(group.bytes_sent(), 48);
  });
}

}  // namespace
}  // namespace longplay
