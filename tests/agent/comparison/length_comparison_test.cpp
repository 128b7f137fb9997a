// SPDX-License-Identifier: MIT
#include "agent/comparison/length_comparison.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

#include "agent/comparison/comparison_plan.h"
#include "datasets/writers/minari_writer.h"
#include "tests/temporary_folder.h"

namespace longplay {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// Twelve episodes of six decisions like InvertedPendulum-v5's, in histories of so many.
std::string Data(int64_t episodes_per_history) {
  const std::string path = TemporaryPath("data" + std::to_string(episodes_per_history));
  MinariWriter writer(path, {.environment = "InvertedPendulum-v5",
                             .observation_size = 4,
                             .action_size = 1,
                             .action_low = {-3},
                             .action_high = {3}});
  for (int64_t e = 0; e < 12; ++e) {
    writer.Write({.observation_size = 4,
                  .action_columns = 1,
                  .observations = std::vector<double>(28, 0.5),
                  .actions = std::vector<double>(6, 0.25),
                  .rewards = std::vector<double>(6, 1.0),
                  .truncated = true},
                 {{"history", e / episodes_per_history}});
  }
  writer.Finish();
  return path;
}

TEST(LengthComparisonTest, LengthsAreRowsThatDifferInNothingElse) {
  std::vector<std::string> notes;
  const ComparisonConfig config =
      CompareLengths({.data = {Data(12)}, .episodes = {1, 2, 4}, .overrides = {}}, notes);
  const ComparisonPlan plan = PlanComparison(config);
  ASSERT_EQ(plan.comparison.rows.size(), 3U);
  EXPECT_EQ(plan.comparison.rows[2].name, "4 episodes");
  EXPECT_EQ(plan.options[0].evaluate.episodes, 4);
  EXPECT_EQ(plan.options[0].chain.source, ChainSource::kAnywhere);
  EXPECT_EQ(plan.options[0].train.tokens_per_step, plan.options[2].train.tokens_per_step);
  EXPECT_THAT(notes, ElementsAre(HasSubstr("from worst to best")));
}

TEST(LengthComparisonTest, HistoriesAreLearntFromAsSuch) {
  std::vector<std::string> notes;
  const ComparisonConfig config = CompareLengths(
      {.data = {Data(4)}, .episodes = {1, 4}, .overrides = {"compare.seeds=2", "train.steps=7"}},
      notes);
  EXPECT_EQ(config.base.chain.source, ChainSource::kHistory);
  EXPECT_EQ(config.base.chain.order, ChainOrder::kCollected);
  EXPECT_EQ(config.base.train.steps, 7);
  EXPECT_EQ(config.seeds, 2);
  EXPECT_THAT(notes, ElementsAre(HasSubstr("holds histories")));
}

TEST(LengthComparisonTest, MoreEpisodesThanThereAreIsRefused) {
  std::vector<std::string> notes;
  EXPECT_THAT(
      [&] {
        CompareLengths({.data = {Data(12)}, .episodes = {1, 16}, .overrides = {}}, notes);
      },
      testing::ThrowsMessage<std::invalid_argument>(HasSubstr("expected at least 16 episodes")));
}

}  // namespace
}  // namespace longplay
