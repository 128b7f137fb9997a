// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace longplay {

/// Statistics of the frames of one feature, number by number: what LeRobot keeps of each episode and
/// of all. Source: huggingface/lerobot, src/lerobot/datasets/compute_stats.py.
struct LerobotStatistics {
  static constexpr std::array<double, 5> kQuantiles = {0.01, 0.1, 0.5, 0.9, 0.99};
  static constexpr std::array<const char*, 5> kQuantileNames = {"q01", "q10", "q50", "q90", "q99"};

  int64_t count = 0;  // of frames
  std::vector<double> min, max, mean, std;
  std::array<std::vector<double>, 5> quantiles;
};

/// Of rows of `row_size` numbers, at least one. A quantile is the smallest number that at least that
/// share of all does not exceed; LeRobot estimates it from a histogram of 5000 bins.
LerobotStatistics StatisticsOf(std::span<const double> rows, int64_t row_size);

/// Adds an episode's to those of all before. Quantiles become bounds, as in LeRobot 0.6: the least
/// of those up to the median, the greatest of those above.
void AddStatistics(const LerobotStatistics& episode, LerobotStatistics& all);

}  // namespace longplay
