// SPDX-License-Identifier: MIT
#include "agent/comparison/run_metrics.h"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>

#include "tests/temporary_folder.h"

namespace longplay {
namespace {

/// Ten steps in two rows of which the second took twice as long for each, and one was skipped.
std::string WriteMetrics() {
  const std::string run = TemporaryPath("run");
  std::filesystem::create_directories(run);
  std::ofstream(run + "/metrics.csv")
      << "step,loss,steps_per_second,tokens_per_second,skipped,return_last,critic_loss\n"
         "5,2.5,5,500,0,nan,1\n"
         "10,1.5,2,200,1,-7,2\n";
  return run;
}

TEST(RunMetricsTest, ColumnsAreFoundByName) {
  const RunMetrics metrics = ReadMetrics(WriteMetrics());
  EXPECT_EQ(metrics.steps, (std::vector<double>{5, 10}));
  EXPECT_EQ(metrics.losses, (std::vector<double>{2.5, 1.5}));
  EXPECT_EQ(metrics.skipped, (std::vector<double>{0, 1}));
  ASSERT_EQ(metrics.measured.size(), 1U);
  EXPECT_TRUE(std::isnan(metrics.measured.at("return_last")[0]));
}

TEST(RunMetricsTest, TimesAndRatesAreThoseOfTheRows) {
  const RunMetrics metrics = ReadMetrics(WriteMetrics());
  EXPECT_DOUBLE_EQ(TrainingSeconds(metrics), 5.0 / 5 + 4.0 / 2);
  EXPECT_DOUBLE_EQ(MedianTokensPerSecond(metrics), 500);
}

TEST(RunMetricsTest, OnlyMeasuredStepsAreInACurve) {
  const auto curves = MeasuredCurves(ReadMetrics(WriteMetrics()));
  EXPECT_EQ(curves.at("return_last").steps, (std::vector<double>{10}));
  EXPECT_EQ(curves.at("return_last").values, (std::vector<double>{-7}));
}

TEST(RunMetricsTest, AFolderWithoutMetricsHasNoRows) {
  const RunMetrics metrics = ReadMetrics(TemporaryPath("nothing"));
  EXPECT_TRUE(metrics.steps.empty());
  EXPECT_DOUBLE_EQ(TrainingSeconds(metrics), 0);
  EXPECT_DOUBLE_EQ(MedianTokensPerSecond(metrics), 0);
}

}  // namespace
}  // namespace longplay
