// SPDX-License-Identifier: MIT
#include "agent/collecting/checkpoint_player.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <fstream>
#include <limits>
#include <numeric>
#include <sstream>
#include <string>
#include <vector>

#include "agent/collecting/online_run.h"
#include "env/list/make_listed_environment.h"
#include "tests/temporary_folder.h"

namespace longplay {
namespace {

constexpr char kPointTask45[] = "literature/point-robot-v0?task=45";
const OnlineRunOptions kLearning = {.steps = 400,
                                    .random_decisions = 100,
                                    .updates_per_decision = 1,
                                    .batch = 32,
                                    .learner = {.hidden = 32},
                                    .history = 3,
                                    .seed = 7};

std::string Bytes(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

OnlineRunFiles FilesOf(const std::string& name) {
  return {.journal = TemporaryPath(name + ".journal"),
          .state = TemporaryPath(name + ".safetensors"),
          .checkpoints = TemporaryPath(name + "_checkpoints.journal")};
}

/// Learns with 3 episodes of each checkpoint, or goes on; stopped after so many episodes of learning.
bool Learn(const std::string& name, int64_t every,
           int64_t episodes = std::numeric_limits<int64_t>::max()) {
  const auto environment = MakeListedEnvironment(kPointTask45, {.batch = 1, .threads = 1});
  std::atomic<StopRequest> stop = StopRequest::kNone;
  OnlineRunFiles files = FilesOf(name);
  files.stop = &stop;
  OnlineRunCheckpoints checkpoints = {.every = every};
  if (every > 0) {
    checkpoints.environment = MakeListedEnvironment(kPointTask45, {.batch = 3, .threads = 1});
  }
  return RunSoftActorCritic(
             *environment, kLearning, files,
             [&](const PlayedEpisode&) {
               if (--episodes <= 0) stop = StopRequest::kSaveFirst;
             },
             std::move(checkpoints))
      .finished;
}

TEST(CheckpointPlayerTest, EveryCheckpointHasItsEpisodesInOrderOfTime) {
  ASSERT_TRUE(Learn("run", 40));
  std::vector<double> returns;
  EpisodeJournal(FilesOf("run").checkpoints).ForEach([&](const Episode& episode) {
    EXPECT_EQ(episode.history, 3);
    EXPECT_EQ(episode.length(), 20);
    // Of the learner's task: rewards are distances to goal 45.
    EXPECT_NEAR(episode.rewards[4],
                -std::hypot(episode.observations[10] + 0.5005, episode.observations[11] - 0.9529),
                1e-4);
    returns.push_back(std::accumulate(episode.rewards.begin(), episode.rewards.end(), 0.0));
  });
  ASSERT_EQ(returns.size(), 3u * 400 / 40);
  // Before the 100 random decisions are over the policy is the first one, later a better one.
  const double first = std::accumulate(returns.begin(), returns.begin() + 6, 0.0) / 6;
  const double last = std::accumulate(returns.end() - 6, returns.end(), 0.0) / 6;
  EXPECT_GT(last, first + 2);
  EXPECT_NE(returns[0], returns[1]);  // stochastic
}

TEST(CheckpointPlayerTest, CheckpointsTeachNothing) {
  ASSERT_TRUE(Learn("with", 40));
  ASSERT_TRUE(Learn("without", 0));
  EXPECT_EQ(Bytes(FilesOf("with").journal), Bytes(FilesOf("without").journal));
  EXPECT_EQ(Bytes(FilesOf("with").state), Bytes(FilesOf("without").state));
}

TEST(CheckpointPlayerTest, ARunThatGoesOnEndsWithTheSameBytes) {
  ASSERT_TRUE(Learn("whole", 40));
  for (const int64_t episodes : {3, 7, 12}) EXPECT_FALSE(Learn("stopped", 40, episodes));
  // Killed: checkpoints after the saved state are played again.
  const std::string state = Bytes(FilesOf("stopped").state);
  EXPECT_FALSE(Learn("stopped", 40, 17));
  std::ofstream(FilesOf("stopped").state, std::ios::binary) << state;
  EXPECT_TRUE(Learn("stopped", 40));
  EXPECT_EQ(Bytes(FilesOf("whole").checkpoints), Bytes(FilesOf("stopped").checkpoints));
  EXPECT_EQ(Bytes(FilesOf("whole").state), Bytes(FilesOf("stopped").state));
}

TEST(CheckpointPlayerTest, LostCheckpointsAreAnError) {
  EXPECT_FALSE(Learn("lost", 40, 9));
  std::ofstream(FilesOf("lost").checkpoints, std::ios::trunc) << "";
  EXPECT_THAT([] { Learn("lost", 40); }, testing::ThrowsMessage<std::runtime_error>(
                                             testing::HasSubstr("episodes of checkpoints, got 0")));
}

}  // namespace
}  // namespace longplay
