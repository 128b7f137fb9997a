// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include "agent/scores/statistics.h"

namespace longplay {

/// For each threshold the share of all runs of all tasks whose score is above it, with its interval:
/// a policy whose profile lies higher everywhere is better in every respect.
///
/// Throws std::invalid_argument for scores without a task or a run.
/// Source: Agarwal et al., arXiv 2108.13264, section 4.2 (run-score distributions); equal to rliable
/// 1.2.0's create_performance_profile.
std::vector<Estimate> PerformanceProfile(const Scores& scores,
                                         const std::vector<double>& thresholds,
                                         const BootstrapOptions& options = {});

/// `count` thresholds, evenly from below the least to above the largest score.
std::vector<double> ProfileThresholds(const std::vector<Scores>& policies, int count);

}  // namespace longplay
