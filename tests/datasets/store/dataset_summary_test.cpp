// SPDX-License-Identifier: MIT
#include "datasets/store/dataset_summary.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace longplay {
namespace {

using ::testing::ElementsAre;

/// Episodes of one number a step that stand in memory.
class MemoryReader : public EpisodeReader {
 public:
  MemoryReader(std::vector<Episode> episodes, int64_t limit) : episodes_(std::move(episodes)) {
    info_.episodes = static_cast<int64_t>(episodes_.size());
    info_.max_episode_steps = limit;
    for (const Episode& episode : episodes_) info_.steps += episode.length();
  }
  const DatasetInfo& info() const override { return info_; }
  using EpisodeReader::Read;
  void Read(int64_t index, Episode& episode) const override { episode = episodes_[index]; }
  std::vector<Problem> Warnings() const override { return {{Severity::kWarning, "f", "odd"}}; }

 private:
  DatasetInfo info_;
  std::vector<Episode> episodes_;
};

Episode Of(int64_t length, bool terminated, bool truncated = true, int64_t history = 0) {
  return {.observation_size = 1,
          .action_columns = 1,
          .observations = std::vector<double>(length, 0.0),
          .actions = std::vector<double>(length, 0.0),
          .rewards = std::vector<double>(length, 2.0),
          .terminated = terminated,
          .history = history,
          .truncated = truncated && !terminated};
}

TEST(DatasetSummaryTest, EveryEpisodeIsCountedByItsEnd) {
  const DatasetSummary summary = Summarise(
      MemoryReader({Of(9, false), Of(4, true), Of(9, false), Of(3, false), Of(9, true)}, 0), {});
  EXPECT_EQ(summary.terminated, 2);
  EXPECT_EQ(summary.at_the_limit, 2) << "the longest length, which two share";
  EXPECT_EQ(summary.cut_before, 1);
  EXPECT_THAT(summary.lengths, ElementsAre(9, 4, 9, 3, 9));
  EXPECT_THAT(summary.returns, ElementsAre(18, 8, 18, 6, 18));
  EXPECT_THAT(summary.warnings, ElementsAre("f: odd"));
}

TEST(DatasetSummaryTest, StatedLimitCounts) {
  const DatasetSummary summary = Summarise(MemoryReader({Of(5, false), Of(5, false)}, 10), {});
  EXPECT_EQ(summary.at_the_limit, 0);
  EXPECT_EQ(summary.cut_before, 2);
}

TEST(DatasetSummaryTest, LongestEpisodeAloneShowsNoLimit) {
  const DatasetSummary summary = Summarise(MemoryReader({Of(5, false), Of(6, false)}, 0), {});
  EXPECT_EQ(summary.at_the_limit, 0);
  EXPECT_EQ(summary.cut_before, 2);
}

TEST(DatasetSummaryTest, FinalObservationsFlagsAndHistoriesAreCounted) {
  Episode with_final = Of(2, true, true, 4), without_flag = Of(2, false, false);
  with_final.observations.push_back(0);
  int64_t told = 0;
  const DatasetSummary summary =
      Summarise(MemoryReader({with_final, without_flag, Of(2, true, true, 4)}, 0),
                [&](int64_t steps, int64_t) { told = steps; });
  EXPECT_EQ(summary.final_observations, 1);
  EXPECT_EQ(summary.without_a_flag, 1);
  EXPECT_EQ(summary.histories, 2);
  EXPECT_EQ(told, 6);
}

}  // namespace
}  // namespace longplay
