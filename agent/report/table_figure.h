// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "agent/charts/chart.h"

namespace longplay {

/// A table as an HTML <figure> that scrolls by itself where the page is too narrow; columns of
/// numbers are aligned at the right; with a link to the table as CSV. Throws std::invalid_argument
/// when a row is not as long as the header.
std::string TableFigure(const Table& table);

/// The table alone, inside what scrolls.
std::string ScrollingTable(const Table& table);

/// The heading of a figure; empty without a title.
std::string FigureTitle(const std::string& title);

}  // namespace longplay
