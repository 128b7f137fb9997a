// SPDX-License-Identifier: MIT
#include "agent/runs/scored_episode.h"

#include <gtest/gtest.h>

namespace longplay {
namespace {

/// Trained on chains of `trained` episodes of 20 decisions, plays `played`.
RunOptions Options(int64_t trained, int64_t played) {
  RunOptions options;
  options.chain.episodes = trained;
  options.model.max_episode_steps = 20;
  options.evaluate.environment = "family/point-goal-v0";
  options.evaluate.episodes = played;
  return options;
}

TEST(ScoredEpisodeTest, ARowThatKeepsItsContextIsScoredWhereItsTrainingEnds) {
  EXPECT_EQ(ScoredEpisode(Options(2, 8)), 2);
  EXPECT_EQ(ScoredEpisode(Options(8, 8)), 8);
  EXPECT_EQ(ScoredEpisode(Options(16, 8)), 8);
}

TEST(ScoredEpisodeTest, ARowThatForgetsIsScoredOnTheLastEpisode) {
  EXPECT_EQ(ScoredEpisode(Options(1, 8)), 8);
  RunOptions one = Options(2, 8), reset = one, actor = one;
  one.evaluate.context = ContextUse::kOneEpisode;
  reset.model.episode_context = EpisodeContext::kReset;
  actor.train.method = Method::kTd3Bc;
  EXPECT_EQ(ScoredEpisode(one), 8);
  EXPECT_EQ(ScoredEpisode(reset), 8);
  EXPECT_EQ(ScoredEpisode(actor), 8);
  for (const RunOptions& options : {one, reset, actor, Options(1, 8)}) {
    EXPECT_TRUE(PlaysEpisodesApart(options));
  }
  EXPECT_FALSE(PlaysEpisodesApart(Options(2, 8)));
}

TEST(ScoredEpisodeTest, SingleEpisodesThatArePlayedInOneContextLeaveTheirTrainingAtOnce) {
  RunOptions options = Options(1, 8);
  options.evaluate.context = ContextUse::kAllEpisodes;
  EXPECT_EQ(ScoredEpisode(options), 1);
}

TEST(ScoredEpisodeTest, AWindowKeepsARowWithinItsTrainingIfItIsNoLarger) {
  RunOptions options = Options(2, 8);
  options.evaluate.window_episodes = 2;
  EXPECT_EQ(ScoredEpisode(options), 8);
  EXPECT_FALSE(PlaysEpisodesApart(options));
  options.evaluate.window_episodes = 3;
  EXPECT_EQ(ScoredEpisode(options), 2);
  options.evaluate.window_episodes = 0;
  options.evaluate.window = 40;
  EXPECT_EQ(ScoredEpisode(options), 8);
  options.evaluate.window = 41;
  EXPECT_EQ(ScoredEpisode(options), 2);
}

TEST(ScoredEpisodeTest, HeldOutChainsAreAsInTraining) {
  RunOptions options = Options(4, 2);
  options.evaluate.environment = "";
  EXPECT_EQ(ScoredEpisode(options), 4);
}

}  // namespace
}  // namespace longplay
