// SPDX-License-Identifier: MIT
#pragma once

#include "agent/charts/chart.h"
#include "agent/summary/context_chart.h"

namespace longplay {

/// Every run that is done, with links to its folder and configuration, which lie beside the report.
/// `views`: [tasks][budgets].
Table RunTable(const std::vector<std::vector<ChartData>>& views);

/// What rows were played with that is beyond their training; without rows where nothing is.
Table NoteTable(const Comparison& comparison);

/// Keys in which rows differ, with their values; without rows where nothing is known.
Table DifferenceTable(const Comparison& comparison);

}  // namespace longplay
