// SPDX-License-Identifier: MIT
#include "datasets/writers/lerobot_statistics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace longplay {
namespace {

using ::testing::DoubleNear;
using ::testing::ElementsAre;

TEST(LerobotStatisticsTest, EachNumberOfARowHasItsOwn) {
  // Columns 1 ... 4 and 10, 10, 10, 30.
  const LerobotStatistics s = StatisticsOf(std::vector<double>{3, 10, 1, 30, 4, 10, 2, 10}, 2);
  EXPECT_EQ(s.count, 4);
  EXPECT_THAT(s.min, ElementsAre(1, 10));
  EXPECT_THAT(s.max, ElementsAre(4, 30));
  EXPECT_THAT(s.mean, ElementsAre(2.5, 15));
  EXPECT_THAT(s.std, ElementsAre(DoubleNear(1.118033988749895, 1e-15),
                                 DoubleNear(8.660254037844387, 1e-14)));
  EXPECT_THAT(s.quantiles[0], ElementsAre(1, 10));  // 1 %
  EXPECT_THAT(s.quantiles[2], ElementsAre(2, 10));  // half of them are no larger
  EXPECT_THAT(s.quantiles[4], ElementsAre(4, 30));  // 99 %
}

TEST(LerobotStatisticsTest, OneFrameIsAllOfThem) {
  const LerobotStatistics s = StatisticsOf(std::vector<double>{7}, 1);
  EXPECT_THAT(s.std, ElementsAre(0));
  for (const auto& quantile : s.quantiles) EXPECT_THAT(quantile, ElementsAre(7));
}

TEST(LerobotStatisticsTest, EpisodesTogetherHaveTheMomentsOfAllFrames) {
  const std::vector<double> all = {1, 5, 2, 8, 3, 3, 9, 0.5};
  const std::span<const double> frames(all);
  LerobotStatistics sum;
  AddStatistics(StatisticsOf(frames.first(3), 1), sum);
  AddStatistics(StatisticsOf(frames.subspan(3), 1), sum);
  const LerobotStatistics whole = StatisticsOf(frames, 1);
  EXPECT_EQ(sum.count, 8);
  EXPECT_EQ(sum.min, whole.min);
  EXPECT_EQ(sum.max, whole.max);
  EXPECT_NEAR(sum.mean[0], whole.mean[0], 1e-14);
  EXPECT_NEAR(sum.std[0], whole.std[0], 1e-14);
  // Quantiles become bounds: of medians 2 and 3, of 90 % 5 and 9.
  EXPECT_THAT(sum.quantiles[2], ElementsAre(2));
  EXPECT_THAT(sum.quantiles[3], ElementsAre(9));
}

}  // namespace
}  // namespace longplay
