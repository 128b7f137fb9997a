// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "agent/charts/chart.h"

namespace longplay {

/// A chart as an HTML <figure>: title, legend, the drawing for wide and for narrow pages, caption,
/// the numbers to unfold where they are few and as CSV, and the values that ReportScript shows. `id` is unique in the page.
/// Throws std::invalid_argument when lengths disagree.
std::string ChartFigure(const Chart& chart, const std::string& id);

}  // namespace longplay
