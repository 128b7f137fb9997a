// SPDX-License-Identifier: MIT
#include "agent/collecting/episode_recorder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace longplay {
namespace {

using testing::ElementsAre;

const std::vector<double> kAction = {0.5};

Episode Record(const std::vector<StepOutcome>& outcomes) {
  EpisodeRecorder recorder;
  recorder.Start(std::vector<double>{0, 0}, 1);
  double seen = 0;
  for (const StepOutcome& outcome : outcomes) {
    ++seen;
    recorder.Add(kAction, outcome, std::vector<double>{seen, -seen});
  }
  return recorder.Take();
}

TEST(EpisodeRecorderTest, HoldsWhatWasSeenBeforeAndAfterEachAction) {
  const Episode episode = Record({{.reward = 1}, {.reward = 2, .truncated = true}});
  EXPECT_THAT(episode.observations, ElementsAre(0, 0, 1, -1, 2, -2));
  EXPECT_THAT(episode.actions, ElementsAre(0.5, 0.5));
  EXPECT_THAT(episode.rewards, ElementsAre(1, 2));
  EXPECT_TRUE(episode.has_final_observation());
}

TEST(EpisodeRecorderTest, TimeLimitIsNoTermination) {
  const Episode limited = Record({{.reward = 1, .truncated = true}});
  EXPECT_FALSE(limited.terminated);
  EXPECT_TRUE(limited.truncated);
  const Episode ended = Record({{.reward = 1, .terminated = true}});
  EXPECT_TRUE(ended.terminated);
  EXPECT_FALSE(ended.truncated);
}

TEST(EpisodeRecorderTest, DivergedStepIsLeftOutAndTruncates) {
  const Episode episode =
      Record({{.reward = 1}, {.reward = 0, .terminated = true, .diverged = true}});
  EXPECT_EQ(episode.length(), 1);
  EXPECT_FALSE(episode.terminated);
  EXPECT_TRUE(episode.truncated);
}

}  // namespace
}  // namespace longplay
