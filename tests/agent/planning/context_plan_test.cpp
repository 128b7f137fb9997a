// SPDX-License-Identifier: MIT
#include "agent/planning/context_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace longplay {
namespace {

using ::testing::HasSubstr;

RunOptions TinyPlanRun() {
  RunOptions options;
  options.model.observation_size = 3;
  options.model.action_size = 2;
  options.model.layers = 2;
  options.model.attention = {.width = 16, .heads = 2, .query_block = 64, .key_block = 64};
  options.model.attention.span = 64;  // short steps
  options.model.feed_forward_width = 64;
  options.train.device = "cpu";
  return options;
}

TEST(ContextPlanTest, EveryModeAndTypeHasARowAndLeanerOnesReachFurther) {
  std::vector<int64_t> told;
  const ContextPlan plan =
      PlanContexts(TinyPlanRun(), 1e9, {.seconds = 1e-6}, [&](int64_t done, int64_t of) {
        EXPECT_EQ(of, 12);
        told.push_back(done);
      });
  EXPECT_EQ(told.size(), 12);
  ASSERT_EQ(plan.rows.size(), 12);
  const auto longest = [&](Keep keep, KeptType type, int64_t chunk) {
    for (const ContextRow& row : plan.rows) {
      if (row.keep == keep && row.type == type && row.tokens_at_once == chunk) {
        return row.longest_steps;
      }
    }
    return int64_t{-1};
  };
  const int64_t everything = longest(Keep::kEverything, KeptType::kAsComputed, 0);
  const int64_t attention = longest(Keep::kLayerInputsAndAttention, KeptType::kAsComputed, 0);
  const int64_t inputs = longest(Keep::kLayerInputs, KeptType::kAsComputed, 0);
  const int64_t chunks = longest(Keep::kLayerInputs, KeptType::kAsComputed, 2048);
  EXPECT_GT(everything, 1000);
  EXPECT_GT(attention, everything);
  EXPECT_GT(inputs, attention);
  EXPECT_GT(chunks, inputs);
  EXPECT_GT(longest(Keep::kEverything, KeptType::kInt8, 0), everything);
  // Each row's longest chain fills the memory, to a time step.
  for (const ContextRow& row : plan.rows) {
    const double bytes = row.prediction.Bytes(row.longest_steps) + plan.process_bytes;
    EXPECT_LE(bytes, 1e9);
    EXPECT_GT(bytes + row.prediction.bytes_per_step, 1e9);
    EXPECT_EQ(row.seconds, row.prediction.Seconds(row.longest_steps));
  }
}

// A rank's share fills its memory: four of them hold a chain four times as long.
TEST(ContextPlanTest, RanksThatShareAChainFillOneMemoryEach) {
  RunOptions options = TinyPlanRun();
  options.parallel.context = 4;
  options.model.tokens_at_once = 64;
  const ContextPlan plan = PlanContexts(options, 1e9, {.seconds = 1e-6}, [](int64_t, int64_t) {});
  EXPECT_EQ(plan.ranks, 4);
  for (const ContextRow& row : plan.rows) {
    const int64_t share = row.longest_steps / 4;
    EXPECT_EQ(row.longest_steps, 4 * share);
    EXPECT_GT(share, 1000);
    const double bytes = row.prediction.Bytes(share) + plan.process_bytes;
    EXPECT_LE(bytes, 1e9);
    EXPECT_GT(bytes + row.prediction.bytes_per_step, 1e9);
    // The pairs of the whole chain, in four equal parts.
    EXPECT_DOUBLE_EQ(row.seconds, row.prediction.SecondsOfShare(4 * share, 4));
    EXPECT_LT(row.seconds, row.prediction.Seconds(4 * share));
  }
  EXPECT_EQ(ToJson(plan)["ranks"], 4);
  EXPECT_THAT(ToText(plan), HasSubstr("each of 4 ranks that share a chain"));
}

TEST(ContextPlanTest, AMemoryThatTheProcessAloneFillsHoldsNoContext) {
  const ContextPlan plan =
      PlanContexts(TinyPlanRun(), 1e6, {.seconds = 1e-6}, [](int64_t, int64_t) {});
  for (const ContextRow& row : plan.rows) EXPECT_EQ(row.longest_steps, 0);
  EXPECT_EQ(ToJson(plan)["rows"][0]["longest_context"], 0);
}

// Interleaved packing has five tokens a time step: contexts are told in both.
TEST(ContextPlanTest, TokensAreThoseOfThePacking) {
  RunOptions options = TinyPlanRun();
  options.model.tokens.layout = TokenLayout::kInterleaved;
  options.model.tokens_at_once = 64;
  const ContextPlan plan = PlanContexts(options, 1e9, {.seconds = 1e-6}, [](int64_t, int64_t) {});
  EXPECT_EQ(plan.rows.size(), 9);  // chunks are the configuration's
  const nlohmann::json row = ToJson(plan)["rows"][0];
  EXPECT_EQ(row["longest_context"], 5 * row["longest_steps"].get<int64_t>());
  EXPECT_THAT(ToText(plan), HasSubstr("everything                  as_computed       64"));
}

}  // namespace
}  // namespace longplay
