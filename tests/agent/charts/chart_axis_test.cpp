// SPDX-License-Identifier: MIT
#include "agent/charts/chart_axis.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "agent/charts/shown_text.h"

namespace longplay {
namespace {

using ::testing::DoubleNear;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pointwise;

TEST(ChartAxisTest, TicksAreRoundNumbersInsideTheRange) {
  EXPECT_THAT(NiceTicks(0, 10, 5), ElementsAre(0, 2, 4, 6, 8, 10));
  EXPECT_THAT(NiceTicks(-3, 17, 4), ElementsAre(0, 5, 10, 15));
  // 0.3 and its like are multiples of a step that binary numbers hold only nearly.
  EXPECT_THAT(NiceTicks(0.08, 0.43, 4),
              Pointwise(DoubleNear(1e-15), std::vector<double>{0.1, 0.2, 0.3, 0.4}));
}

TEST(ChartAxisTest, LogarithmicTicksArePowersOfTenWithStepsBetweenWhereThereIsRoom) {
  EXPECT_THAT(LogTicks(0.5, 2e5, 4), ElementsAre(1, 100, 1e4));
  EXPECT_THAT(LogTicks(1, 100, 6), ElementsAre(1, 2, 5, 10, 20, 50, 100));
  EXPECT_THAT(LogTicks(1500, 40000, 1), ElementsAre(2000, 20000));
  EXPECT_THAT(LogTicks(30, 70, 4), ElementsAre(30, 40, 50, 60, 70));
}

TEST(ChartAxisTest, FewWholeNumbersGetATickEach) {
  const Axis axis = MakeAxis({1, 2, 4, 8, 2}, {.log = true, .ticks_at_values = true});
  EXPECT_THAT(axis.ticks, ElementsAre(1, 2, 4, 8));
  EXPECT_THAT(axis.labels, ElementsAre("1", "2", "4", "8"));
}

TEST(ChartAxisTest, LabelsNeverTouch) {
  for (const double pixels : {60.0, 150.0, 400.0, 1000.0}) {
    for (const bool log : {false, true}) {
      const Axis axis = MakeAxis({100000, 250000, 260000, 900000},
                                 {.log = log, .ticks_at_values = true, .pixels = pixels});
      for (size_t i = 1; i < axis.ticks.size(); ++i) {
        const double gap = axis.Fraction(axis.ticks[i]) - axis.Fraction(axis.ticks[i - 1]);
        EXPECT_GT(gap * pixels, 40) << pixels;  // "100,000" is about 46 px wide, 40 without air
      }
    }
  }
}

TEST(ChartAxisTest, LabelsOfOneAxisHaveTheSameDecimals) {
  EXPECT_THAT(MakeAxis({0, 1}, {.horizontal = false, .pixels = 230}).labels,
              ElementsAre("0.0", "0.2", "0.4", "0.6", "0.8", "1.0"));
}

TEST(ChartAxisTest, EveryValueLiesInside) {
  for (const std::vector<double>& values :
       {std::vector<double>{3}, {0}, {-5, -1}, {1e-8, 2e-8}, {1e17, 1e17 + 16}, {0, 1e12}}) {
    for (const bool horizontal : {false, true}) {
      const Axis axis = MakeAxis(values, {.horizontal = horizontal});
      EXPECT_LT(axis.low, axis.high);
      EXPECT_FALSE(axis.ticks.empty());
      for (const double value : values) {
        EXPECT_GE(axis.Fraction(value), 0);
        EXPECT_LE(axis.Fraction(value), 1);
      }
    }
  }
}

TEST(ChartAxisTest, WithoutValuesThereAreNoTicks) {
  EXPECT_THAT(MakeAxis({}, {}).ticks, IsEmpty());
  EXPECT_THAT(MakeAxis({NAN, -1, 0}, {.log = true}).ticks, IsEmpty());
}

TEST(ChartAxisTest, BarsBeginAtZero) {
  EXPECT_EQ(MakeAxis({90, 100}, {.from_zero = true}).low, 0);
  EXPECT_EQ(MakeAxis({-90, -100}, {.from_zero = true}).high, 0);
}

TEST(ReportTextTest, NumbersAreWrittenForPeople) {
  EXPECT_EQ(FormatNumber(0), "0");
  EXPECT_EQ(FormatNumber(-0.0), "0");
  EXPECT_EQ(FormatNumber(12.34567), "12.35");
  EXPECT_EQ(FormatNumber(-0.5), "−0.5");
  EXPECT_EQ(FormatNumber(12345.6), "12,346");
  EXPECT_EQ(FormatNumber(999.94), "999.9");
  EXPECT_EQ(FormatNumber(999.96), "1,000");
  EXPECT_EQ(FormatNumber(-999.96), "−1,000");
  EXPECT_EQ(FormatNumber(0.00012), "0.00012");
  EXPECT_EQ(FormatNumber(999999.4), "999,999");
  EXPECT_EQ(FormatNumber(999999.6), "10⁶");
  EXPECT_EQ(FormatNumber(2.5e6), "2.5×10⁶");
  EXPECT_EQ(FormatNumber(1e-12), "10⁻¹²");
  EXPECT_EQ(FormatNumber(NAN), "–");
  EXPECT_EQ(FormatNumber(-INFINITY), "–");
  EXPECT_EQ(FormatFixed(1234.5, 2), "1,234.50");
  EXPECT_EQ(FormatFixed(-0.001, 1), "0.0");
}

TEST(ReportTextTest, LinesAreBrokenAtSpaces) {
  EXPECT_THAT(WrapWords("data, best episode 16.4", 12), ElementsAre("data, best", "episode 16.4"));
  EXPECT_THAT(WrapWords("unbreakable", 4), ElementsAre("unbr", "eaka", "ble"));
  EXPECT_THAT(WrapWords("a–é–ü", 3), ElementsAre("a–é", "–ü"));
  EXPECT_THAT(WrapWords("", 4), IsEmpty());
}

}  // namespace
}  // namespace longplay
