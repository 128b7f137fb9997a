// SPDX-License-Identifier: MIT
#include "agent/acting/rollout.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <set>
#include <vector>

#include "agent/acting/function_policy.h"
#include "env/list/make_listed_environment.h"

namespace longplay {
namespace {

TEST(RolloutTest, PlaysEveryEpisodeOfEveryChain) {
  const std::unique_ptr<Environment> environment = MakeListedEnvironment(
      "dm_control/cartpole-swingup-v0", {.batch = 3, .max_episode_steps = 5, .threads = 1});
  int64_t decisions = 0;
  FunctionPolicy still([&](const RolloutView&, std::span<double> actions) {
    std::ranges::fill(actions, 0.0);
    ++decisions;
  });
  const RolloutResult result = Rollout(*environment, still, {.episodes = 2, .seed = 4});
  EXPECT_EQ(decisions, 10);  // chains advance together
  ASSERT_EQ(result.size(), 3U);
  for (const auto& chain : result) {
    ASSERT_EQ(chain.size(), 2U);
    for (const EpisodeResult& episode : chain) EXPECT_EQ(episode.length, 5);
  }
}

TEST(RolloutTest, ViewSaysWhereEpisodesStartAndWhatTheLastDecisionEarned) {
  const std::unique_ptr<Environment> environment = MakeListedEnvironment(
      "dm_control/cartpole-swingup-v0", {.batch = 1, .max_episode_steps = 3, .threads = 1});
  std::vector<int> starts;
  std::vector<double> rewards;
  FunctionPolicy watch([&](const RolloutView& view, std::span<double> actions) {
    starts.push_back(view.starts[0]);
    rewards.push_back(view.rewards[0]);
    actions[0] = 1;
  });
  const RolloutResult result = Rollout(*environment, watch, {.episodes = 2, .seed = 4});
  EXPECT_EQ(starts, (std::vector<int>{1, 0, 0, 1, 0, 0}));
  EXPECT_EQ(rewards[0], 0);
  EXPECT_NEAR(rewards[1] + rewards[2] + rewards[3], result[0][0].episode_return, 1e-12);
}

TEST(RolloutTest, EpisodesOfDifferentLengthEndOnTheirOwn) {
  const std::unique_ptr<Environment> environment =
      MakeListedEnvironment("Hopper-v5", {.batch = 4, .threads = 1});
  FunctionPolicy still(
      [](const RolloutView&, std::span<double> actions) { std::ranges::fill(actions, 0.0); });
  const RolloutResult result = Rollout(*environment, still, {.episodes = 3, .seed = 1});
  std::set<int64_t> lengths;
  for (const auto& chain : result) {
    for (const EpisodeResult& episode : chain) {
      EXPECT_GT(episode.length, 1);
      EXPECT_LT(episode.length, 1000);  // it falls
      lengths.insert(episode.length);
    }
  }
  EXPECT_GT(lengths.size(), 1U);
}

// Straight to the goal, which a goal d steps away lets a policy earn limit - d + 1 with.
TEST(RolloutTest, ADiscreteTaskIsPlayedToItsOptimum) {
  const std::unique_ptr<Environment> environment = MakeListedEnvironment(
      "family/grid-goal-v0?size=5&limit=9", {.batch = 6, .parameters = ParameterSet::kHeldOut});
  const HiddenParameter& hidden = *environment->hidden_parameter();
  FunctionPolicy straight([&](const RolloutView& view, std::span<double> actions) {
    ASSERT_EQ(actions.size(), 6U);
    for (int64_t i = 0; i < 6; ++i) {
      const double dx = hidden.parameter(i)[0] - view.observations[2 * i];
      const double dy = hidden.parameter(i)[1] - view.observations[2 * i + 1];
      actions[i] = dx > 0 ? 4 : dx < 0 ? 3 : dy > 0 ? 1 : dy < 0 ? 2 : 0;
    }
  });
  const RolloutResult result = Rollout(*environment, straight, {.episodes = 2, .seed = 8});
  std::set<double> returns;
  for (int64_t i = 0; i < 6; ++i) {
    const auto goal = hidden.parameter(i);
    const double distance = std::abs(goal[0] - 2) + std::abs(goal[1] - 2);
    for (const EpisodeResult& episode : result[i]) {
      EXPECT_EQ(episode.episode_return, 9 - distance + 1);
      EXPECT_EQ(episode.length, 9);
    }
    returns.insert(result[i][0].episode_return);
  }
  EXPECT_GT(returns.size(), 1U);
}

}  // namespace
}  // namespace longplay
