// SPDX-License-Identifier: MIT
#include "agent/learners/q_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace longplay {
namespace {

// By hand: learning rate 0.5, discount 0.9.
TEST(QTableTest, LearnsAsComputedByHand) {
  const QLearningOptions options = {.learning_rate = 0.5, .discount = 0.9};
  QTable table(3);
  table.Learn({1, 2}, 1, 1.0, {1, 3}, options);
  EXPECT_DOUBLE_EQ(table.value({1, 2}, 1), 0.5);
  table.Learn({0, 0}, 2, 0.0, {1, 2}, options);
  EXPECT_DOUBLE_EQ(table.value({0, 0}, 2), 0.5 * 0.9 * 0.5);
  table.Learn({1, 2}, 1, 1.0, {0, 0}, options);
  EXPECT_DOUBLE_EQ(table.value({1, 2}, 1), 0.5 + 0.5 * (1 + 0.9 * 0.225 - 0.5));
  EXPECT_EQ(table.value({1, 2}, 0), 0);
  EXPECT_EQ(table.value({9, 9}, 0), 0);
}

TEST(QTableTest, ActsGreedilyAmongEquals) {
  QTable table(4);
  const QLearningOptions options = {.learning_rate = 1, .discount = 0};
  for (int64_t action : {1, 3}) table.Learn({0}, action, 2.0, {7}, options);
  RandomGenerator random(1, RandomGenerator::Stream::kLearner);
  std::vector<int> counts(4, 0);
  for (int k = 0; k < 1000; ++k) ++counts[table.Act({0}, 0, random)];
  EXPECT_EQ(counts[0] + counts[2], 0);
  EXPECT_NEAR(counts[1], 500, 64);  // four deviations
  // Half of the actions by chance: a quarter of that half each.
  counts.assign(4, 0);
  for (int k = 0; k < 4000; ++k) ++counts[table.Act({0}, 0.5, random)];
  EXPECT_NEAR(counts[0], 500, 84);
  EXPECT_NEAR(counts[1], 1500, 122);
  // Nothing is known of another state.
  counts.assign(4, 0);
  for (int k = 0; k < 4000; ++k) ++counts[table.Act({5}, 0, random)];
  for (const int count : counts) EXPECT_NEAR(count, 1000, 110);
}

TEST(QTableTest, ExplorationFallsInALineAndStays) {
  const QLearningOptions options = {
      .first_exploration = 1, .last_exploration = 0.2, .exploration_share = 0.5};
  EXPECT_DOUBLE_EQ(ExplorationIn(0, 20, options), 1);
  EXPECT_DOUBLE_EQ(ExplorationIn(5, 20, options), 0.6);
  EXPECT_DOUBLE_EQ(ExplorationIn(10, 20, options), 0.2);
  EXPECT_DOUBLE_EQ(ExplorationIn(19, 20, options), 0.2);
  EXPECT_DOUBLE_EQ(ExplorationIn(0, 20, {.last_exploration = 0.3, .exploration_share = 0}), 0.3);
}

}  // namespace
}  // namespace longplay
