// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "agent/summary/comparison_charts.h"

namespace longplay {

/// Returns (or errors) of every row under one budget, and how they compare with the reference.
Table PlayTable(const ChartData& data);

/// How to read those tables.
std::string PlayTableNote(const Comparison& comparison);

/// What every row cost.
Table CostTable(const ChartData& data);

/// All tasks together, in normalised scores.
Table OverallTable(const Comparison& comparison, const BudgetView& view);

/// Where the data came from, and what stands for them in results.
Table DataTable(const Comparison& comparison);

}  // namespace longplay
