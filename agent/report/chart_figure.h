// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "agent/report/chart.h"

namespace longplay {

/// A chart as an HTML <figure>: title, legend, the drawing for wide and for narrow pages, caption,
/// and the numbers to unfold where they are few. `id` is unique in the page.
/// Throws std::invalid_argument when lengths disagree.
std::string ChartFigure(const Chart& chart, const std::string& id);

/// A table as an HTML <figure> that scrolls by itself where the page is too narrow; columns of
/// numbers are aligned at the right. Throws std::invalid_argument when a row is not as long as the
/// header.
std::string TableFigure(const Table& table);

}  // namespace longplay
