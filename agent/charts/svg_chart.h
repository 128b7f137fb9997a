// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "agent/charts/chart.h"
#include "agent/charts/chart_paper.h"

namespace longplay {

/// One <svg> element with a title and a description for screen readers; colours and line styles
/// come from the classes that ReportStyle defines. `id` is unique in the page.
/// Throws std::invalid_argument when lengths disagree.
std::string DrawChart(const Chart& chart, ChartPaper paper, const std::string& id);

}  // namespace longplay
