// SPDX-License-Identifier: MIT
#include "datasets/store/column_statistics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

namespace longplay {
namespace {

using ::testing::DoubleEq;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

ColumnStatistics Of(int64_t columns, const std::vector<float>& rows) {
  ColumnStatistics statistics(columns);
  statistics.Add(rows);
  return statistics;
}

TEST(ColumnStatisticsTest, ColumnsAreKeptApart) {
  const ColumnStatistics statistics = Of(2, {1, -10, 3, -20, 5, 0});
  EXPECT_EQ(statistics.columns(), 2);
  EXPECT_EQ(statistics.rows(), 3);
  EXPECT_THAT(statistics.mean(), ElementsAre(3, -10));
  EXPECT_THAT(statistics.smallest(), ElementsAre(1, -20));
  EXPECT_THAT(statistics.largest(), ElementsAre(5, 0));
}

TEST(ColumnStatisticsTest, DeviationIsThatOfThePopulation) {
  // Squared differences from the mean 3: 4 + 0 + 4, divided by 3 rows, not 2.
  EXPECT_THAT(Of(1, {1, 3, 5}).deviation(), ElementsAre(DoubleEq(std::sqrt(8.0 / 3))));
  EXPECT_THAT(Of(1, {7}).deviation(), ElementsAre(0));
}

TEST(ColumnStatisticsTest, WithoutRowsThereIsNoRange) {
  const ColumnStatistics none(2);
  EXPECT_EQ(none.rows(), 0);
  EXPECT_THAT(none.deviation(), ElementsAre(0, 0));
  EXPECT_THAT(none.smallest(), ElementsAre(kInfinity, kInfinity));
  EXPECT_THAT(none.largest(), ElementsAre(-kInfinity, -kInfinity));
  EXPECT_THAT(ColumnStatistics().mean(), IsEmpty());
}

TEST(ColumnStatisticsTest, AddingNothingChangesNothing) {
  ColumnStatistics statistics = Of(1, {2, 4});
  statistics.Add({});
  statistics.Merge(ColumnStatistics(1));
  EXPECT_EQ(statistics.rows(), 2);
  EXPECT_THAT(statistics.mean(), ElementsAre(3));
  EXPECT_THAT(statistics.smallest(), ElementsAre(2));
}

TEST(ColumnStatisticsTest, MergedPartsWeighByTheirRows) {
  ColumnStatistics statistics = Of(1, {0, 0, 0});
  statistics.Merge(Of(1, {8}));
  EXPECT_EQ(statistics.rows(), 4);
  EXPECT_THAT(statistics.mean(), ElementsAre(2));
  EXPECT_THAT(statistics.deviation(), ElementsAre(DoubleEq(std::sqrt((3 * 4 + 36) / 4.0))));
  EXPECT_THAT(statistics.largest(), ElementsAre(8));
  ColumnStatistics empty(1);
  empty.Merge(statistics);
  EXPECT_THAT(empty.mean(), ElementsAre(2));
}

// The difference of two sums of squares would lose it all: 1e14 has a step of 1/64.
TEST(ColumnStatisticsTest, SmallDeviationOfLargeNumbersIsKept) {
  ColumnStatistics statistics(1);
  for (int i = 0; i < 1000; ++i) statistics.Add(std::vector<float>{1e7F - 1, 1e7F + 1});
  EXPECT_THAT(statistics.mean(), ElementsAre(1e7));
  EXPECT_THAT(statistics.deviation(), ElementsAre(1));
}

TEST(ColumnStatisticsTest, JsonKeepsEverything) {
  const ColumnStatistics before = Of(2, {0.1F, 2, -0.3F, 5, 7, 1e-20F});
  const ColumnStatistics after =
      ColumnStatistics::FromJson(nlohmann::json::parse(before.ToJson().dump()));
  EXPECT_EQ(after.rows(), 3);
  EXPECT_EQ(after.mean(), before.mean());
  EXPECT_EQ(after.deviation(), before.deviation());
  EXPECT_EQ(after.smallest(), before.smallest());
  EXPECT_EQ(after.largest(), before.largest());
}

TEST(ColumnStatisticsTest, JsonWithoutRowsIsJson) {
  const ColumnStatistics after =
      ColumnStatistics::FromJson(nlohmann::json::parse(ColumnStatistics(2).ToJson().dump()));
  EXPECT_EQ(after.columns(), 2);
  EXPECT_THAT(after.smallest(), ElementsAre(kInfinity, kInfinity));
}

TEST(ColumnStatisticsTest, OtherJsonIsRefused) {
  EXPECT_THROW(ColumnStatistics::FromJson({{"rows", 1}}), nlohmann::json::exception);
  EXPECT_THROW(ColumnStatistics::FromJson({{"rows", 1}, {"mean", {1.0}}}),
               nlohmann::json::exception);
}

}  // namespace
}  // namespace longplay
