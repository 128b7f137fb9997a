// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

#include "datasets/tables/step_table.h"

namespace longplay {

/// A table of text with a header (csv_rows.h): columns of whole numbers are int64, of decimal ones
/// float64 to the last bit, of true and false bool, all others texts. Decimals begin with a point, or
/// with a comma where commas do not separate cells. Blanks and a '#' before the first name (numpy's
/// savetxt) are no part of it.
/// Throws DataError, "steps.csv:7: expected ..., got ...", without a header or rows, and for names
/// or rows that do not fit the header.
StepTable ParseCsvTable(std::string_view text, const std::string& path);

}  // namespace longplay
