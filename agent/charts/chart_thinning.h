// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

#include "agent/charts/chart.h"
#include "agent/charts/chart_frame.h"

namespace longplay {

/// Above 1 for very long lines: how many points are drawn as one, their mean and range (or, with
/// an interval of its own, the first of them).
size_t PointsPerDrawnPoint(const ChartSeries& series);

/// The series as it is drawn: itself, or one of fewer points.
ChartSeries Thinned(const ChartSeries& series, const PlotArea& plot);

}  // namespace longplay
