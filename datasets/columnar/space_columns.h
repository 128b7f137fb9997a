// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "datasets/formats/space_json.h"
#include "datasets/parquet/parquet_table.h"

namespace longplay {

/// The part of a space that a column holds: "observations/a/0" is of a Dict's a, a Tuple, the first.
/// nullptr when the space has no such part.
const Space* SpaceOfColumn(const Space& space, const std::string& column);

/// Columns that are `name` or below it, as gymnasium.spaces.utils.flatten orders the parts of a space:
/// keys by alphabet, Tuples by number.
std::vector<std::string> SpaceColumns(const ParquetTable& table, const std::string& name,
                                      const Space& space);

/// Whether a text is nothing but digits.
bool IsDigits(const std::string& text);
/// Whether the number of one such text is less than another's.
bool DigitsLess(const std::string& a, const std::string& b);

}  // namespace longplay
