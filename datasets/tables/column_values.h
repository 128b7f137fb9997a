// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "datasets/tables/step_table.h"

namespace longplay {

/// A number as it stands in a text file.
struct CellNumber {
  double value = 0;
  bool is_whole = false;  // written without decimals
  bool is_exact = true;   // a whole number of up to 2^53; of others nothing is asked
  char decimal = 0;       // '.' or ',', 0 = without
};

/// All of a cell as a decimal number, or nothing. "nan" and "inf" are numbers here: who uses them
/// refuses them. With `commas` a comma may stand before the decimals.
std::optional<CellNumber> ParseNumber(std::string_view cell, bool commas);

/// "true" and "False", however they are capitalised; nothing for other texts.
std::optional<bool> ParseTruth(std::string_view cell);

/// Throws DataError at the first cell of a column of texts that is no number; one of numbers is
/// good. Whether they are finite is not asked.
void RequireNumbers(const StepTable& table, const TableColumn& column);

/// One flag a row: 0, 1, true, false; an empty cell is 0. Throws DataError that names the row.
std::vector<uint8_t> ReadFlags(const StepTable& table, const TableColumn& column);

/// One name a row, numbered by first appearance: rows of equal values have equal numbers.
struct RowNames {
  std::vector<int64_t> ids;        // [rows]
  std::vector<std::string> texts;  // of each id, for messages
};
/// Throws DataError where a cell is empty or nan.
RowNames ReadNames(const StepTable& table, const TableColumn& column);

/// What a cell holds, for messages: "nan", "0.5", "abc"; "nothing" of an empty one.
std::string CellText(const TableColumn& column, int64_t row, int64_t k = 0);

}  // namespace longplay
