// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "agent/charts/chart.h"

namespace longplay {

/// What ReportScript needs to show a line chart's values under the pointer, as JSON in a <script>
/// that runs nothing: the points that are drawn, with their values as text, and where the plot lies
/// on both papers. Empty for bars, whose values stand beside them, and where there is no point.
///
///   x       the label of the x axis
///   log     whether that axis is logarithmic
///   plots   of the wide and the narrow paper: [picture width, left, top, width, height, low, high]
///   series  [{name, colour, points: [[x, its text, the value's text] ...]} ...]
std::string ChartValues(const Chart& chart);

}  // namespace longplay
