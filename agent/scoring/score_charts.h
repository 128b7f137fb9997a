// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "agent/charts/chart.h"
#include "agent/scoring/system_score.h"

namespace longplay {

/// A curve from n = 1 on, with its interval.
ChartSeries CurveSeries(const std::string& name, const std::vector<Estimate>& curve, size_t colour);

/// Of one task, a series for each of its rows: return by episode with the control, best of n tries,
/// mean of n trials, and, where tables name their trainings, the best of n trainings.
std::vector<Chart> TaskCharts(const std::vector<const TaskScore*>& rows);

}  // namespace longplay
