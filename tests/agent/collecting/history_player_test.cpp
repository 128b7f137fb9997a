// SPDX-License-Identifier: MIT
#include "agent/collecting/history_player.h"

#include <gtest/gtest.h>

#include <map>

#include "agent/collecting/random_explorer.h"
#include "env/list/make_listed_environment.h"

namespace longplay {
namespace {

struct Played {
  std::vector<Episode> episodes;
  std::vector<int64_t> histories;
  int64_t steps = 0;
};

Played Play(const std::string& task, int64_t simulations, const HistoryPlan& plan) {
  const std::unique_ptr<Environment> environment =
      MakeListedEnvironment(task, {.batch = simulations, .threads = 1});
  RandomExplorer random(environment->spec(), simulations);
  Played played;
  const auto sink = [&](const Episode& episode, int64_t history) {
    played.episodes.push_back(episode);
    played.histories.push_back(history);
  };
  PlayHistories(*environment, random, plan, sink, [&](int64_t steps) { played.steps += steps; });
  return played;
}

TEST(HistoryPlayerTest, StepsAreRoundedUpToWholeEpisodes) {
  const Played played =
      Play("family/point-goal-v0", 4, {.steps = 20 * 13 + 1, .episodes = 3, .seed = 5});
  EXPECT_EQ(played.episodes.size(), 14U);
  EXPECT_EQ(played.steps, 20 * 14);
  EXPECT_EQ(played.histories, (std::vector<int64_t>{0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4}));
}

TEST(HistoryPlayerTest, EpisodesThatEndEarlyAddUpToo) {
  const Played played = Play("Hopper-v5", 8, {.steps = 500, .episodes = 1, .seed = 5});
  int64_t steps = 0;
  for (const Episode& episode : played.episodes) {
    EXPECT_LT(steps, 500);  // none was played once there were enough
    EXPECT_TRUE(episode.terminated);
    steps += episode.length();
  }
  EXPECT_GE(steps, 500);
  EXPECT_EQ(steps, played.steps);
}

TEST(HistoryPlayerTest, NumberOfSimulationsChangesNothing) {
  const HistoryPlan plan = {.steps = 20 * 12, .episodes = 3, .seed = 5};
  const Played narrow = Play("family/point-goal-v0", 1, plan);
  const Played wide = Play("family/point-goal-v0", 7, plan);
  ASSERT_EQ(narrow.episodes.size(), wide.episodes.size());
  for (size_t e = 0; e < wide.episodes.size(); ++e) {
    EXPECT_EQ(narrow.episodes[e].rewards, wide.episodes[e].rewards);
    EXPECT_EQ(narrow.episodes[e].actions, wide.episodes[e].actions);
  }
}

}  // namespace
}  // namespace longplay
