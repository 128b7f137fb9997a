// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>

#include "agent/charts/chart.h"

namespace longplay {

/// The i-th value of a series as people read it, with what is known of how far it is off: "12.5
/// [11, 14]" with an interval, "12.5 (11, 14)" of single values, "12.5 (beyond training)".
std::string ShownValue(const Chart& chart, const ChartSeries& series, size_t i);

}  // namespace longplay
