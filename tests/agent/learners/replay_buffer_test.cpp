// SPDX-License-Identifier: MIT
#include "agent/learners/replay_buffer.h"

#include <ATen/CPUGeneratorImpl.h>
#include <gtest/gtest.h>

namespace longplay {
namespace {

void AddNumber(ReplayBuffer& replay, double number, bool terminated) {
  const std::vector<double> observation = {number, number + 0.25};
  const std::vector<double> next = {number + 1, number + 1.25};
  const std::vector<float> action = {static_cast<float>(-number)};
  replay.Add(observation, action, 10 * number, next, terminated);
}

TEST(ReplayBufferTest, RowsStayTogether) {
  ReplayBuffer replay(10, 2, 1);
  for (int number = 0; number < 6; ++number) AddNumber(replay, number, number % 2 == 1);
  const TransitionBatch batch = replay.Sample(50, at::make_generator<at::CPUGeneratorImpl>(1));
  EXPECT_EQ(batch.observations.sizes(), (std::vector<int64_t>{50, 2}));
  for (int row = 0; row < 50; ++row) {
    const auto number = batch.observations[row][0].item<double>();
    EXPECT_EQ(batch.observations[row][1].item<double>(), number + 0.25);
    EXPECT_EQ(batch.next_observations[row][0].item<double>(), number + 1);
    EXPECT_EQ(batch.next_observations[row][1].item<double>(), number + 1.25);
    EXPECT_EQ(batch.actions[row][0].item<double>(), -number);
    EXPECT_EQ(batch.rewards[row].item<double>(), 10 * number);
    EXPECT_EQ(batch.continues[row].item<double>(), static_cast<int>(number) % 2 == 1 ? 0 : 1);
  }
}

TEST(ReplayBufferTest, NewTransitionsReplaceTheOldest) {
  ReplayBuffer replay(4, 2, 1);
  for (int number = 0; number < 7; ++number) AddNumber(replay, number, false);
  EXPECT_EQ(replay.size(), 4);
  const TransitionBatch batch = replay.Sample(200, at::make_generator<at::CPUGeneratorImpl>(1));
  EXPECT_EQ(batch.observations.select(1, 0).min().item<double>(), 3);
  EXPECT_EQ(batch.observations.select(1, 0).max().item<double>(), 6);
}

}  // namespace
}  // namespace longplay
