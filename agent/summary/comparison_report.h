// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "agent/comparison/comparison.h"
#include "agent/report/report.h"
#include "agent/summary/comparison_findings.h"

namespace longplay {

/// What is known of a comparison so far: its finding, then for each task returns, training and cost
/// in charts and tables, and where the numbers come from. `status` as in Report; it reloads itself
/// until `status` is "complete". The summary's first sentence answers which row is best.
Report ComparisonReport(const Comparison& comparison, const std::string& status,
                        TaskScores scores = TaskScores::kTogether);

}  // namespace longplay
