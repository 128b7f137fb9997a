// SPDX-License-Identifier: MIT
#include "agent/scores/performance_profile.h"

#include <algorithm>

namespace longplay {
namespace {

std::vector<double> SharesAbove(const Scores& scores, const std::vector<double>& thresholds) {
  std::vector<double> all;
  for (const std::vector<double>& runs : scores) all.insert(all.end(), runs.begin(), runs.end());
  // Sorted once: each threshold is then found by bisection.
  std::ranges::sort(all);
  std::vector<double> shares;
  shares.reserve(thresholds.size());
  for (const double threshold : thresholds) {
    const auto above = all.end() - std::ranges::upper_bound(all, threshold);
    shares.push_back(static_cast<double>(above) / static_cast<double>(all.size()));
  }
  return shares;
}

}  // namespace

std::vector<Estimate> PerformanceProfile(const Scores& scores,
                                         const std::vector<double>& thresholds,
                                         const BootstrapOptions& options) {
  return BootstrapAll(
      scores, [&](const Scores& drawn) { return SharesAbove(drawn, thresholds); }, options);
}

std::vector<double> ProfileThresholds(const std::vector<Scores>& policies, int count) {
  std::vector<double> all;
  for (const Scores& scores : policies) {
    for (const std::vector<double>& runs : scores) all.insert(all.end(), runs.begin(), runs.end());
  }
  if (all.empty()) return {};
  const auto [low, high] = std::ranges::minmax(all);
  // A little beyond both ends: profiles begin at 1 and end at 0.
  const double margin = high > low ? 0.02 * (high - low) : 1;
  std::vector<double> thresholds;
  thresholds.reserve(count);
  for (int i = 0; i < count; ++i) {
    thresholds.push_back(low - margin + (high - low + 2 * margin) * i / (count - 1));
  }
  return thresholds;
}

}  // namespace longplay
