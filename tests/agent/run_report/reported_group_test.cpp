// SPDX-License-Identifier: MIT
#include "agent/run_report/reported_group.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/agent/run_report/small_reports.h"

namespace longplay {
namespace {

using ::testing::ElementsAre;

TEST(ReportedGroupTest, RunsThatDifferInTheirSeedAloneAreOnePolicy) {
  const std::vector<ReportedRun> runs = NineRuns();
  const std::vector<ReportedGroup> groups = GroupsOfRuns(runs);
  ASSERT_EQ(groups.size(), 3U);
  EXPECT_EQ(groups[0].name, "one_0 and 3 other seeds");
  EXPECT_EQ(groups[1].name, "two_0 and 3 other seeds");
  EXPECT_EQ(groups[2].name, "waiting");
  EXPECT_EQ(groups[1].runs.size(), 4U);
  EXPECT_TRUE(groups[2].played().empty());
}

TEST(ReportedGroupTest, TwoRunsOfOneSeedAreTwoPoliciesWithNamesOfTheirOwn) {
  std::vector<ReportedRun> runs = {PlayedRun("a", 1, 0, {{1, 2}}), PlayedRun("a", 1, 0, {{3, 4}})};
  runs[1].folder = "elsewhere/a";
  const std::vector<ReportedGroup> groups = GroupsOfRuns(runs);
  ASSERT_EQ(groups.size(), 2U);
  EXPECT_EQ(groups[0].name, "a (runs/a)");
  EXPECT_EQ(groups[1].name, "a (elsewhere/a)");
}

TEST(ReportedGroupTest, WhatDiffersIsListedAndWhereTrainingRanIsNot) {
  std::vector<ReportedRun> runs = {PlayedRun("a", 1, 0, {{1, 2}}), PlayedRun("b", 4, 1, {{3, 4}})};
  runs[1].options.train.device = "cuda";
  const auto settings = DifferingSettings(GroupsOfRuns(runs));
  ASSERT_EQ(settings.size(), 1U);
  EXPECT_EQ(settings[0].key, "chain.episodes");
  EXPECT_THAT(settings[0].values, ElementsAre("1", "4"));
  // Other data are a difference whatever their path.
  runs[1].data_hash = "18";
  const auto with_data = DifferingSettings(GroupsOfRuns(runs));
  ASSERT_EQ(with_data.size(), 2U);
  EXPECT_EQ(with_data[1].key, "data");
  EXPECT_THAT(with_data[1].values, ElementsAre("pole.hdf5 (hash 17)", "pole.hdf5 (hash 18)"));
}

TEST(ReportedGroupTest, RunsFromEqualSeedsArePaired) {
  const std::vector<ReportedRun> runs = NineRuns();
  const std::vector<ReportedGroup> groups = GroupsOfRuns(runs);
  const auto compared = CompareGroups(groups[1], groups[0]);
  ASSERT_TRUE(compared);
  EXPECT_EQ(compared->runs, 4);
  EXPECT_DOUBLE_EQ(compared->x, 13.5);
  EXPECT_DOUBLE_EQ(compared->y, 3.5);
  // All seeds differ by the same, so nothing is left that could vary.
  EXPECT_DOUBLE_EQ(compared->difference.value, 10);
  EXPECT_DOUBLE_EQ(compared->difference.low, 10);
  EXPECT_FALSE(CompareGroups(groups[2], groups[0]));
}

TEST(ReportedGroupTest, SeedsWithNothingInCommonArePairedInTheirOrder) {
  std::vector<ReportedRun> runs = {PlayedRun("a", 1, 0, {{0, 1}}), PlayedRun("a", 1, 1, {{0, 2}}),
                                   PlayedRun("b", 2, 7, {{0, 4}}), PlayedRun("b", 2, 9, {{0, 8}})};
  const std::vector<ReportedGroup> groups = GroupsOfRuns(runs);
  const auto compared = CompareGroups(groups[1], groups[0]);
  ASSERT_TRUE(compared);
  EXPECT_EQ(compared->runs, 2);
  EXPECT_DOUBLE_EQ(compared->difference.low, 3);
  EXPECT_DOUBLE_EQ(compared->difference.high, 6);
}

// A policy without context earns what it earns in any episode: the other decides which.
TEST(ReportedGroupTest, APolicyThatPlaysEpisodesApartIsTakenAtTheOthersEpisode) {
  std::vector<ReportedRun> runs = {PlayedRun("a", 1, 0, {{5, 1}}), PlayedRun("b", 2, 0, {{7, 9}})};
  runs[0].play->episodes_apart = true;
  runs[1].play->scored_episode = 1;
  const std::vector<ReportedGroup> groups = GroupsOfRuns(runs);
  EXPECT_DOUBLE_EQ(CompareGroups(groups[1], groups[0])->difference.value, 2);
}

TEST(ReportedGroupTest, OneRunHasAnIntervalOverItsContextsAndSeveralOverRuns) {
  const std::vector<ReportedRun> runs = NineRuns();
  const std::vector<ReportedGroup> groups = GroupsOfRuns(runs);
  const auto several = EstimateOfEpisode(groups[0], 2);
  EXPECT_DOUBLE_EQ(several->value, 3.5);
  EXPECT_EQ(several->spread, Spread::kInterval);
  const std::vector<ReportedRun> one = {runs[0]};
  const auto alone = EstimateOfEpisode(GroupsOfRuns(one)[0], 2);
  EXPECT_EQ(alone->spread, Spread::kRange);
  EXPECT_THAT(alone->runs, ElementsAre(1, 3));
  EXPECT_FALSE(EstimateOfEpisode(groups[2], 1));
}

TEST(ReportedGroupTest, OtherTasksAndOtherMeasuresCannotBeCompared) {
  std::vector<ReportedRun> runs = {PlayedRun("a", 1, 0, {{1, 2}}), PlayedRun("b", 2, 0, {{3, 4}})};
  EXPECT_EQ(WhyNotComparable(GroupsOfRuns(runs)), "");
  runs[1].options.evaluate.environment = "Walker2d-v5";
  EXPECT_EQ(WhyNotComparable(GroupsOfRuns(runs)), "evaluate.environment: Hopper-v5, Walker2d-v5");
  runs[1].play->environment = "";
  EXPECT_EQ(WhyNotComparable(GroupsOfRuns(runs)),
            "returns of some, errors of predicted actions of others");
  runs[1].play.reset();
  EXPECT_EQ(WhyNotComparable(GroupsOfRuns(runs)), "");
}

}  // namespace
}  // namespace longplay
