// SPDX-License-Identifier: MIT
#include "agent/config/config_difference.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace longplay {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

TEST(ConfigDifferenceTest, KeysAreShownByWhatTheyDecide) {
  RunOptions before, now;
  now.model.attention.heads = 2;
  now.chain.target = ChainTarget::kOwnReturn;
  now.train.steps = 7;
  now.evaluate.seeds = 3;
  const auto differences = DifferencesBetween(before, now);
  EXPECT_THAT(differences, SizeIs(4));
  EXPECT_EQ(ShownDifferences(differences, KeyRole::kPolicy),
            "chain.target: chain_best, got own; model.heads: 4, got 2");
  EXPECT_EQ(ShownDifferences(differences, KeyRole::kSchedule), "train.steps: 1000, got 7");
  EXPECT_EQ(ShownDifferences(differences, KeyRole::kEvaluation), "evaluate.seeds: 16, got 3");
  EXPECT_EQ(ShownDifferences(differences, KeyRole::kOutput), "");
}

TEST(ConfigDifferenceTest, WhereDataLieIsNoDifference) {
  RunOptions before, now;
  now.data.files = {"/elsewhere/data.hdf5"};
  EXPECT_THAT(DifferencesBetween(before, now), IsEmpty());
}

TEST(ConfigDifferenceTest, RolesChooseWhatAConfigurationIsTakenToBe) {
  const RunOptions options;
  const std::string text = ConfigOf(options, {KeyRole::kEvaluation});
  EXPECT_THAT(text, HasSubstr("evaluate.seeds: 16\n"));
  EXPECT_THAT(text, Not(HasSubstr("train.")));
}

}  // namespace
}  // namespace longplay
