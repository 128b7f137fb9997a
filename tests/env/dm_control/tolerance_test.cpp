// SPDX-License-Identifier: MIT
#include "env/dm_control/tolerance.h"

#include <gtest/gtest.h>

namespace longplay {
namespace {

TEST(ToleranceTest, IsOneInsideAndFallsAtOnceWithoutMargin) {
  EXPECT_EQ(Tolerance(1, {.lower = 1, .upper = 2}), 1);
  EXPECT_EQ(Tolerance(2, {.lower = 1, .upper = 2}), 1);
  EXPECT_EQ(Tolerance(2.001, {.lower = 1, .upper = 2}), 0);
}

// Values of dm_control.utils.rewards.tolerance, version 1.0.50, bounds (1, 2) and margin 0.5.
// Tolerance: a few roundings of math functions that may differ in the last bit.
TEST(ToleranceTest, AgreesWithDmControl) {
  struct Case {
    Sigmoid sigmoid;
    double value_at_margin, at_0_7, at_2_4, at_3_5;
  };
  const Case cases[] = {
      {Sigmoid::kGaussian, 0.1, 0.4365158322401658, 0.22908676527677743, 1.0000000000000007e-09},
      {Sigmoid::kHyperbolic, 0.1, 0.323045925782319, 0.18091713834466236, 0.0002518891687657432},
      {Sigmoid::kLongTail, 0.1, 0.23584905660377353, 0.1479289940828403, 0.012195121951219513},
      {Sigmoid::kLinear, 0.25, 0.5499999999999999, 0.40000000000000013, 0.0},
      {Sigmoid::kQuadratic, 0.25, 0.73, 0.5200000000000002, 0.0},
      {Sigmoid::kTanhSquared, 0.1, 0.36436441949952536, 0.19605548455742017, 7.304601899194019e-05},
      {Sigmoid::kCosine, 0.25, 0.6545084971874736, 0.44773576836617335, 0.0},
  };
  for (const Case& c : cases) {
    const ToleranceOptions options = {.lower = 1,
                                      .upper = 2,
                                      .margin = 0.5,
                                      .value_at_margin = c.value_at_margin,
                                      .sigmoid = c.sigmoid};
    EXPECT_NEAR(Tolerance(0.7, options), c.at_0_7, 1e-15);
    EXPECT_NEAR(Tolerance(2.4, options), c.at_2_4, 1e-15);
    EXPECT_NEAR(Tolerance(3.5, options), c.at_3_5, 1e-15);
  }
}

}  // namespace
}  // namespace longplay
