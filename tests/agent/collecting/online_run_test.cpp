// SPDX-License-Identifier: MIT
#include "agent/collecting/online_run.h"

#include <gtest/gtest.h>

#include <numeric>

#include "env/list/make_listed_environment.h"

namespace longplay {
namespace {

double Return(const Episode& episode) {
  return std::accumulate(episode.rewards.begin(), episode.rewards.end(), 0.0);
}

std::vector<Episode> Play(const std::string& task, const OnlineRunOptions& options) {
  const std::unique_ptr<Environment> environment =
      MakeListedEnvironment(task, {.batch = 4, .threads = 1});
  return RunSoftActorCritic(*environment, options, [](int64_t, double) {}).episodes;
}

TEST(OnlineRunTest, LearnsOneGoalOfTheFamily) {
  const std::vector<Episode> episodes =
      Play("family/point-goal-v0",
           {.steps = 120 * 20, .random_decisions = 400, .batch = 64, .learner = {.hidden = 64}});
  ASSERT_EQ(episodes.size(), 120U);
  double first = 0, last = 0;
  for (int k = 0; k < 20; ++k) {
    first += Return(episodes[k]) / 20;
    last += Return(episodes[100 + k]) / 20;
  }
  EXPECT_LT(first, 5);  // random actions
  EXPECT_GT(last, 10);  // with the goal known: 17.6
}

TEST(OnlineRunTest, SameSeedGivesTheSameEpisodes) {
  const OnlineRunOptions options = {
      .steps = 400, .random_decisions = 100, .batch = 32, .learner = {.hidden = 32}, .seed = 7};
  const std::vector<Episode> one = Play("Hopper-v5", options);
  const std::vector<Episode> two = Play("Hopper-v5", options);
  ASSERT_EQ(one.size(), two.size());
  int64_t steps = 0;
  for (size_t e = 0; e < one.size(); ++e) {
    EXPECT_EQ(one[e].actions, two[e].actions);
    EXPECT_EQ(one[e].observations, two[e].observations);
    steps += one[e].length();
  }
  EXPECT_GE(steps, 400);
}

}  // namespace
}  // namespace longplay
