// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>

#include "agent/comparison/comparison.h"

namespace longplay {

// Colours and marks of a report: a row, or a line of rows, has one on the whole page.

/// Of up to eight rows each its own; of more, the grid's rows of one context length share one, and
/// stand in charts of their own.
size_t ColourOfRow(const Comparison& comparison, size_t row);

/// Of the rows of a grid that differ in the context length alone; none that a row has.
size_t ColourOfLine(const Comparison& comparison, const std::string& line);

}  // namespace longplay
