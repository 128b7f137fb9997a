// SPDX-License-Identifier: MIT
#include "agent/collecting/online_run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <limits>
#include <numeric>
#include <sstream>

#include "agent/collect_work/episode_journal.h"
#include "env/list/make_listed_environment.h"
#include "tests/agent/collecting/breaking_environment.h"
#include "tests/temporary_folder.h"

namespace longplay {
namespace {

double Return(const Episode& episode) {
  return std::accumulate(episode.rewards.begin(), episode.rewards.end(), 0.0);
}

OnlineRunFiles Files(const std::string& name) {
  return {.journal = TemporaryPath(name + ".journal"),
          .state = TemporaryPath(name + ".safetensors")};
}

/// Goes on from the files of that name, and is stopped after so many episodes. True when finished.
bool GoOn(const std::string& task, const OnlineRunOptions& options, const std::string& name,
          int64_t episodes = std::numeric_limits<int64_t>::max()) {
  const std::unique_ptr<Environment> environment =
      MakeListedEnvironment(task, {.batch = 4, .threads = 1});
  std::atomic<StopRequest> stop = StopRequest::kNone;
  OnlineRunFiles files = Files(name);
  files.stop = &stop;
  const OnEpisode on_episode = [&](const PlayedEpisode&) {
    if (--episodes <= 0) stop = StopRequest::kSaveFirst;
  };
  return RunSoftActorCritic(*environment, options, files, on_episode).finished;
}

std::vector<Episode> EpisodesOf(const std::string& name) {
  std::vector<Episode> episodes;
  EpisodeJournal(Files(name).journal).ForEach([&](const Episode& episode) {
    episodes.push_back(episode);
  });
  return episodes;
}

std::vector<Episode> Play(const std::string& task, const OnlineRunOptions& options,
                          const std::string& name = "run") {
  EXPECT_TRUE(GoOn(task, options, name));
  return EpisodesOf(name);
}

std::string Text(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

/// Episodes and everything that was learned.
void ExpectSameRun(const std::string& one, const std::string& two) {
  EXPECT_EQ(Text(Files(one).journal), Text(Files(two).journal));
  EXPECT_EQ(Text(Files(one).state), Text(Files(two).state));
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
  const std::vector<Episode> two = Play("Hopper-v5", options, "again");
  ASSERT_EQ(one.size(), two.size());
  int64_t steps = 0;
  for (size_t e = 0; e < one.size(); ++e) {
    EXPECT_EQ(one[e].actions, two[e].actions);
    EXPECT_EQ(one[e].observations, two[e].observations);
    steps += one[e].length();
  }
  EXPECT_GE(steps, 400);
}

// Episodes end at any time, so that others run while it is stopped.
constexpr char kHopper[] = "Hopper-v5";
const OnlineRunOptions kShort = {
    .steps = 500, .random_decisions = 100, .batch = 32, .learner = {.hidden = 32}, .seed = 7};

TEST(OnlineRunTest, StopsAndGoesOnWithTheSameBytes) {
  ASSERT_TRUE(GoOn(kHopper, kShort, "whole"));
  ASSERT_GT(EpisodesOf("whole").size(), 12U);
  // Before there is an episode it cannot be stopped; during random actions, while it learns, ...
  for (const int64_t episodes : {1, 2, 5, 9, 12}) {
    EXPECT_FALSE(GoOn(kHopper, kShort, "stopped", episodes));
  }
  EXPECT_TRUE(GoOn(kHopper, kShort, "stopped"));
  ExpectSameRun("whole", "stopped");
  EXPECT_TRUE(GoOn(kHopper, kShort, "stopped"));  // nothing is left to do
  ExpectSameRun("whole", "stopped");
}

TEST(OnlineRunTest, EpisodesAfterTheLastStateArePlayedAgain) {
  ASSERT_TRUE(GoOn(kHopper, kShort, "whole"));
  EXPECT_FALSE(GoOn(kHopper, kShort, "killed", 6));
  const std::string state = Text(Files("killed").state);
  EXPECT_FALSE(GoOn(kHopper, kShort, "killed", 11));
  std::ofstream(Files("killed").state, std::ios::binary) << state;
  std::ofstream(Files("killed").journal, std::ios::app) << "half an entry";
  EXPECT_TRUE(GoOn(kHopper, kShort, "killed"));
  ExpectSameRun("whole", "killed");
}

TEST(OnlineRunTest, EpisodesWithoutAStateArePlayedAgain) {
  ASSERT_TRUE(GoOn(kHopper, kShort, "whole"));
  EXPECT_FALSE(GoOn(kHopper, kShort, "killed", 2));
  std::filesystem::remove(Files("killed").state);
  EXPECT_TRUE(GoOn(kHopper, kShort, "killed"));
  ExpectSameRun("whole", "killed");
}

TEST(OnlineRunTest, WhatIsStoppedAtOnceSavesNothing) {
  const auto environment = MakeListedEnvironment(kHopper, {.batch = 4, .threads = 1});
  for (const StopRequest request : {StopRequest::kAtOnce, StopRequest::kSaveFirst}) {
    const std::atomic<StopRequest> stop = request;
    OnlineRunFiles files = Files("stopped");
    files.stop = &stop;
    EXPECT_FALSE(
        RunSoftActorCritic(*environment, kShort, files, [](const PlayedEpisode&) {}).finished);
    EXPECT_EQ(std::filesystem::exists(files.state), request == StopRequest::kSaveFirst);
  }
}

// It went on for ever: no step of such episodes is recorded.
TEST(OnlineRunTest, AnEnvironmentWhoseFirstStepsAllDivergeIsAnError) {
  BreakingEnvironment environment(4);
  OnlineRunOptions options = kShort;
  options.random_decisions = 1000000;
  EXPECT_THAT(
      [&] { RunSoftActorCritic(environment, options, Files("run"), [](const PlayedEpisode&) {}); },
      testing::ThrowsMessage<std::runtime_error>(testing::HasSubstr(
          "breaking: expected episodes with steps, got 1000 in a row whose first step diverged")));
}

TEST(OnlineRunTest, AFullReplayBufferIsFilledAgainTheSame) {
  OnlineRunOptions options = kShort;
  options.replay = 150;
  options.new_parameter_each_episode = true;
  ASSERT_TRUE(GoOn(kHopper, options, "whole"));
  EXPECT_FALSE(GoOn(kHopper, options, "stopped", 10));
  EXPECT_TRUE(GoOn(kHopper, options, "stopped"));
  ExpectSameRun("whole", "stopped");
}

TEST(OnlineRunTest, HiddenParametersComeBack) {
  OnlineRunOptions options = kShort;
  for (const bool each : {false, true}) {
    options.new_parameter_each_episode = each;
    const std::string name = each ? "each" : "one";
    ASSERT_TRUE(GoOn("family/point-goal-v0", options, name + "_whole"));
    EXPECT_FALSE(GoOn("family/point-goal-v0", options, name, 5));
    EXPECT_TRUE(GoOn("family/point-goal-v0", options, name));
    ExpectSameRun(name + "_whole", name);
  }
}

}  // namespace
}  // namespace longplay
