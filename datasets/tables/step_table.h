// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace longplay {

/// A named column: in each row a number, several numbers, or a text.
struct TableColumn {
  std::string name;
  std::string type = "float64";    // of its numbers, as numpy calls it; "" = texts
  std::vector<int64_t> row_shape;  // {} = one number a row
  std::vector<double> numbers;     // [rows, width()]; empty of texts
  std::vector<std::string> texts;  // [rows] as they stand in the file; empty of numbers
  char decimal = 0;                // what stands before its decimals, '.' or ','; 0 = none met

  bool is_text() const { return type.empty(); }
  bool is_whole() const;  // integers or truth values, by type
  int64_t width() const;  // product of row_shape
};

/// What a file holds beside its columns, and why it is none: "gamma", "a single value".
struct LeftOut {
  std::string name, why;
};

/// Rows of steps in the order of the file, whatever file they come from: what LoadTable makes of
/// text, of numpy's arrays and of Parquet, and what another kind of file has to be turned into.
struct StepTable {
  std::string path;
  std::string format;  // "csv", "npz", "parquet"
  std::string noun;    // what the file calls a column: "column", "array"
  int64_t rows = 0;
  std::vector<TableColumn> columns;  // in the order of the file
  std::vector<int64_t> lines;   // [rows] where each row stands in a text file, from 1; or empty
  bool decimal_commas = false;  // texts may be numbers with a decimal comma
  std::vector<LeftOut> left_out;
  std::vector<std::string> notes;  // how the file was understood, where it could be otherwise

  /// Episodes that the file's layout tells, as one number a row (arrays [E, T, ...], an index).
  std::optional<TableColumn> layout_episodes;
  /// Arrays of numbers beside the steps, as many rows: read when they are asked for.
  std::vector<std::string> infos;
  std::function<std::vector<TableColumn>()> load_infos;

  /// nullptr = none of that name.
  const TableColumn* Find(const std::string& name) const;
  /// A cell's place in messages: "steps.csv:7:reward", "steps.npz:rewards[5]"; k is the number in
  /// its row.
  std::string Where(const TableColumn& column, int64_t row, int64_t k = 0) const;
  /// A row's place: "line 7", "row 5".
  std::string RowText(int64_t row) const;
  /// "x, y, reward".
  std::string Names() const;
};

}  // namespace longplay
