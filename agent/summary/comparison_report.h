// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "agent/comparison/comparison.h"
#include "agent/report/report.h"

namespace longplay {

/// Title of the section over all tasks, where there are several.
inline constexpr char kAllTasks[] = "All tasks";

/// What is known of a comparison so far: its finding, then for each task returns, training and cost
/// in charts and tables, and where the numbers come from. `status` as in Report; it reloads itself
/// until `status` is "complete".
Report ComparisonReport(const Comparison& comparison, const std::string& status);

}  // namespace longplay
