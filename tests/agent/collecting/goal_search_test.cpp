// SPDX-License-Identifier: MIT
#include "agent/collecting/goal_search.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>
#include <utility>

#include "env/list/make_listed_environment.h"
#include "tests/temporary_folder.h"

namespace longplay {
namespace {

constexpr char kTask[] = "family/point-goal-v0";

double Distance(std::span<const double> position, std::span<const double> goal) {
  return std::hypot(position[0] - goal[0], position[1] - goal[1]);
}

TEST(GoalSearchTest, RewardTellsTheDistanceToTheGoal) {
  const std::unique_ptr<Environment> environment =
      MakeListedEnvironment(kTask, {.batch = 1, .threads = 1});
  environment->StartChain(0, 3);
  environment->Reset(0, 3);
  const std::vector<uint8_t> active = {1};
  for (int t = 0; t < 20; ++t) {
    const double reward = environment->Step(std::vector<double>{0.3, -0.8}, active)[0].reward;
    ASSERT_LT(reward, 1);
    EXPECT_NEAR(
        GoalDistance(reward),
        Distance(environment->observation(0), environment->hidden_parameter()->parameter(0)),
        1e-9);  // the reward's own formula, turned round in double
  }
}

TEST(GoalSearchTest, SteeringReachesTheAimAndStays) {
  const std::unique_ptr<Environment> environment =
      MakeListedEnvironment(kTask, {.batch = 1, .threads = 1});
  environment->Reset(0, 3);
  const std::array<double, 2> aim = {0.12, -0.2};
  for (int t = 0; t < 20; ++t) {
    const auto action = SteerTo(aim, environment->observation(0));
    environment->Step(action, std::vector<uint8_t>{1});
    // 0.2 m are six decisions at top speed; the goal's radius is 0.015 m
    if (t < 7) continue;
    EXPECT_LT(Distance(environment->observation(0), aim), 0.015);
  }
}

// It steered as if its action was held for one control step, and swung around the aim.
TEST(GoalSearchTest, SteeringReachesTheAimInDecisionsOfSeveralControlSteps) {
  const std::unique_ptr<Environment> environment =
      MakeListedEnvironment(kTask, {.batch = 1, .action_repeat = 4, .threads = 1});
  environment->Reset(0, 3);
  const std::array<double, 2> aim = {0.12, -0.2};
  for (int t = 0; t < 5; ++t) {
    environment->Step(SteerTo(aim, environment->observation(0), 4), std::vector<uint8_t>{1});
    if (t < 1) continue;  // 0.2 m are two decisions at top speed
    EXPECT_LT(Distance(environment->observation(0), aim), 0.015);
  }
}

/// Mean returns of the episodes of histories with hidden goals, searched with that action repeat.
std::vector<double> SearchedReturns(int64_t action_repeat) {
  constexpr int64_t kHistories = 64, kEpisodes = 8;
  const std::unique_ptr<Environment> environment = MakeListedEnvironment(
      kTask, {.batch = kHistories, .action_repeat = action_repeat, .threads = 1});
  GoalSearch search(kHistories, {.action_repeat = action_repeat});
  std::vector<double> returns(kEpisodes, 0.0);
  int64_t played = 0;
  EpisodeJournal journal(TemporaryPath("goals.journal"), 0);
  const int64_t decisions = 20 / action_repeat;
  PlayHistories(*environment, search,
                {.steps = kHistories * kEpisodes * decisions, .episodes = kEpisodes, .seed = 1},
                journal, {.on_episode = [](const PlayedEpisode&) {}, .on_step = [](int64_t) {}});
  journal.ForEach([&](const Episode& episode) {
    EXPECT_EQ(episode.history, played / kEpisodes);
    returns[played++ % kEpisodes] +=
        std::accumulate(episode.rewards.begin(), episode.rewards.end(), 0.0) / kHistories;
  });
  EXPECT_EQ(played, kHistories * kEpisodes);
  return returns;
}

TEST(GoalSearchTest, LaterEpisodesOfAHistoryFindTheGoal) {
  const std::vector<double> returns = SearchedReturns(1);
  // Over 2,000 goals: 4.5 in the first, 17.5 in the last episode, 17.6 with the goal known; the
  // mean of 64 is off by 0.6 at most (its standard deviation is 0.3).
  EXPECT_LT(returns.front(), 6);
  EXPECT_GT(returns.back(), 16.5);
}

// A reward summed over several control steps was taken for that of one: nearly every place was full
// reward, and the search stayed there.
TEST(GoalSearchTest, TheyAlsoDoWithAnActionRepeat) {
  // Of the same 64 goals 17.1 and 12.6 in the last episode, of 40 decisions in all with a repeat of 4;
  // taken for decisions of one control step 11.5 and 3.7.
  for (const auto& [repeat, least] : {std::pair(2, 16.0), std::pair(4, 11.0)}) {
    const std::vector<double> returns = SearchedReturns(repeat);
    EXPECT_LT(returns.front(), 6) << repeat;
    EXPECT_GT(returns.back(), least) << repeat;
  }
}

}  // namespace
}  // namespace longplay
