// SPDX-License-Identifier: MIT
#include "datasets/writers/lerobot_statistics.h"

#include <algorithm>
#include <cmath>

namespace longplay {

LerobotStatistics StatisticsOf(std::span<const double> rows, int64_t row_size) {
  const auto width = static_cast<size_t>(row_size);
  const size_t count = rows.size() / width;
  LerobotStatistics statistics{.count = static_cast<int64_t>(count)};
  std::vector<double> column(count);
  for (size_t k = 0; k < width; ++k) {
    for (size_t t = 0; t < count; ++t) column[t] = rows[t * width + k];
    std::ranges::sort(column);
    // Mean first, then what lies around it.
    double sum = 0, squares = 0;
    for (const double value : column) sum += value;
    const double mean = sum / static_cast<double>(count);
    for (const double value : column) squares += (value - mean) * (value - mean);
    statistics.min.push_back(column.front());
    statistics.max.push_back(column.back());
    statistics.mean.push_back(mean);
    statistics.std.push_back(std::sqrt(squares / static_cast<double>(count)));
    for (size_t q = 0; q < statistics.quantiles.size(); ++q) {
      const double place = LerobotStatistics::kQuantiles[q] * static_cast<double>(count);
      const auto rank = static_cast<size_t>(std::max(1.0, std::ceil(place)));
      statistics.quantiles[q].push_back(column[std::min(rank, count) - 1]);
    }
  }
  return statistics;
}

void AddStatistics(const LerobotStatistics& episode, LerobotStatistics& all) {
  if (all.count == 0) {
    all = episode;
    return;
  }
  const auto before = static_cast<double>(all.count), more = static_cast<double>(episode.count);
  const double both = before + more;
  for (size_t k = 0; k < all.mean.size(); ++k) {
    all.min[k] = std::min(all.min[k], episode.min[k]);
    all.max[k] = std::max(all.max[k], episode.max[k]);
    // Variances within, and of the means around the common one.
    const double mean = (all.mean[k] * before + episode.mean[k] * more) / both;
    const double a = all.mean[k] - mean, b = episode.mean[k] - mean;
    const double variance = ((all.std[k] * all.std[k] + a * a) * before +
                             (episode.std[k] * episode.std[k] + b * b) * more) /
                            both;
    all.mean[k] = mean;
    all.std[k] = std::sqrt(variance);
    for (size_t q = 0; q < all.quantiles.size(); ++q) {
      double& bound = all.quantiles[q][k];
      const double own = episode.quantiles[q][k];
      bound = LerobotStatistics::kQuantiles[q] <= 0.5 ? std::min(bound, own) : std::max(bound, own);
    }
  }
  all.count += episode.count;
}

}  // namespace longplay
