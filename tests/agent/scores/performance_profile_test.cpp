// SPDX-License-Identifier: MIT
// Against rliable 1.2.0 (fixtures/make_profile.py), and claims of our own.
#include "agent/scores/performance_profile.h"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

namespace longplay {
namespace {

TEST(PerformanceProfileTest, SharesAndIntervalsAreThoseOfRliable) {
  const auto golden = nlohmann::json::parse(
      std::ifstream(LONGPLAY_SOURCE_DIR "/tests/agent/fixtures/profile.json"));
  Scores scores(golden["scores"][0].size());  // theirs are [runs][tasks]
  for (const auto& run : golden["scores"]) {
    for (size_t task = 0; task < scores.size(); ++task) scores[task].push_back(run[task]);
  }
  const std::vector<Estimate> profile = PerformanceProfile(scores, golden["taus"]);
  ASSERT_EQ(profile.size(), golden["profile"].size());
  for (size_t i = 0; i < profile.size(); ++i) {
    const auto& theirs = golden["profile"][i];
    EXPECT_NEAR(profile[i].value, theirs["value"].get<double>(), 1e-12) << i;
    // Five times the noise of one of their intervals, and one run's share where that is none: ends
    // are multiples of it.
    const double run = 1.0 / static_cast<double>(scores.size() * scores[0].size());
    const auto tolerance = [&](const char* spread) {
      return 1e-9 + std::max(5 * theirs[spread].get<double>(), 1e-3 * run);
    };
    EXPECT_NEAR(profile[i].low, theirs["low"].get<double>(), tolerance("low_spread")) << i;
    EXPECT_NEAR(profile[i].high, theirs["high"].get<double>(), tolerance("high_spread")) << i;
  }
}

TEST(PerformanceProfileTest, AScoreAtTheThresholdIsNotAboveIt) {
  const std::vector<Estimate> profile = PerformanceProfile({{1, 2}, {2, 3}}, {0, 1, 2, 3});
  EXPECT_EQ(profile[0].value, 1);
  EXPECT_EQ(profile[1].value, 0.75);
  EXPECT_EQ(profile[2].value, 0.25);
  EXPECT_EQ(profile[3].value, 0);
  EXPECT_EQ(profile[1].spread, Spread::kNone);  // two runs of each task are too few
}

TEST(PerformanceProfileTest, ThresholdsReachFromBelowAllScoresToAboveThem) {
  const std::vector<double> thresholds = ProfileThresholds({{{1, 2}}, {{0, 5}}}, 5);
  ASSERT_EQ(thresholds.size(), 5U);
  EXPECT_LT(thresholds.front(), 0);
  EXPECT_GT(thresholds.back(), 5);
  EXPECT_DOUBLE_EQ(thresholds[2], 2.5);
  EXPECT_TRUE(ProfileThresholds({}, 5).empty());
}

}  // namespace
}  // namespace longplay
