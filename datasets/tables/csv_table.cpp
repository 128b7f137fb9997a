// SPDX-License-Identifier: MIT
#include "datasets/tables/csv_table.h"

#include <algorithm>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include "datasets/data_error.h"
#include "datasets/tables/column_values.h"
#include "datasets/tables/csv_rows.h"

namespace longplay {
namespace {

enum class CellKind { kUnknown, kWhole, kDecimal, kTruth, kText };

using Cells = std::span<const std::string>;

std::string Name(std::string cell, bool first) {
  if (!first || !cell.starts_with('#')) return cell;
  cell.erase(0, 1);
  cell.erase(0, cell.find_first_not_of(" \t"));
  return cell;
}

/// Names and lines of a table whose cells come one row after another, twice.
class CsvColumns {
 public:
  CsvColumns(const std::string& path, bool commas) : commas_(commas) {
    table_.path = path;
    table_.format = "csv";
    table_.noun = "column";
    table_.decimal_commas = commas;
  }

  void AddHeader(int64_t line, Cells cells);
  /// Pass 1: numbers, while all cells of a column are some.
  void AddRow(int64_t line, Cells cells);
  bool has_texts() const { return std::ranges::find(kinds_, CellKind::kText) != kinds_.end(); }
  /// Pass 2: the columns of texts.
  void AddTexts(Cells cells);
  StepTable Take();

 private:
  [[noreturn]] void Fail(int64_t line, const std::string& problem) const {
    throw DataError(table_.path + ":" + std::to_string(line), problem);
  }
  void AddCell(size_t c, const std::string& cell);
  void AddNumber(size_t c, const CellNumber& number);

  bool commas_;
  StepTable table_;
  std::vector<CellKind> kinds_;  // [columns]
};

void CsvColumns::AddHeader(int64_t line, Cells cells) {
  if (cells.size() == 1) {
    Fail(line, "expected columns with , ; tab or | between them, got one: " + cells[0]);
  }
  const auto is_number = [&](const std::string& cell) {
    return ParseNumber(cell, commas_).has_value();
  };
  if (std::ranges::all_of(cells, is_number)) {
    Fail(line, "expected a header, the names of the columns, got numbers");
  }
  std::set<std::string> known;
  for (size_t c = 0; c < cells.size(); ++c) {
    TableColumn column;
    column.name = Name(cells[c], c == 0);
    if (!column.name.empty() && !known.insert(column.name).second) {
      Fail(line, "expected different names of columns, got " + column.name + " twice");
    }
    table_.columns.push_back(std::move(column));
  }
  kinds_.assign(cells.size(), CellKind::kUnknown);
}

void CsvColumns::AddRow(int64_t line, Cells cells) {
  if (cells.size() != kinds_.size()) {
    Fail(line, "expected " + std::to_string(kinds_.size()) + " cells as in the header, got " +
                   std::to_string(cells.size()));
  }
  for (size_t c = 0; c < cells.size(); ++c) {
    if (kinds_[c] != CellKind::kText) AddCell(c, cells[c]);
  }
  table_.lines.push_back(line);
  ++table_.rows;
}

void CsvColumns::AddCell(size_t c, const std::string& cell) {
  TableColumn& column = table_.columns[c];
  // Of names with many digits two may be one double: they stay texts.
  const auto number = ParseNumber(cell, commas_);
  if (number && number->is_exact) return AddNumber(c, *number);
  const auto truth = ParseTruth(cell);
  if (truth && (kinds_[c] == CellKind::kUnknown || kinds_[c] == CellKind::kTruth)) {
    kinds_[c] = CellKind::kTruth;
    column.numbers.push_back(*truth ? 1 : 0);
    return;
  }
  kinds_[c] = CellKind::kText;
  column.numbers = {};
}

void CsvColumns::AddNumber(size_t c, const CellNumber& number) {
  TableColumn& column = table_.columns[c];
  // Among true and false, or with another decimal sign than before: not a column of numbers.
  const bool other_decimal =
      number.decimal != 0 && column.decimal != 0 && number.decimal != column.decimal;
  if (kinds_[c] == CellKind::kTruth || other_decimal) {
    kinds_[c] = CellKind::kText;
    column.numbers = {};
    return;
  }
  if (!number.is_whole) kinds_[c] = CellKind::kDecimal;
  if (kinds_[c] == CellKind::kUnknown) kinds_[c] = CellKind::kWhole;
  if (number.decimal != 0) column.decimal = number.decimal;
  column.numbers.push_back(number.value);
}

void CsvColumns::AddTexts(Cells cells) {
  for (size_t c = 0; c < cells.size(); ++c) {
    if (kinds_[c] == CellKind::kText) table_.columns[c].texts.push_back(cells[c]);
  }
}

StepTable CsvColumns::Take() {
  if (table_.columns.empty()) throw DataError(table_.path, "expected a header, got an empty file");
  if (table_.rows == 0) throw DataError(table_.path, "expected rows below the header, got none");
  for (size_t c = 0; c < kinds_.size(); ++c) {
    std::string& type = table_.columns[c].type;
    if (kinds_[c] == CellKind::kWhole) type = "int64";
    if (kinds_[c] == CellKind::kTruth) type = "bool";
    if (kinds_[c] == CellKind::kText) type.clear();
  }
  return std::move(table_);
}

}  // namespace

StepTable ParseCsvTable(std::string_view text, const std::string& path) {
  const CsvRows rows(text, path);
  CsvColumns columns(path, rows.separator() != ',');
  bool header = true;
  rows.ForEach([&](int64_t line, Cells cells) {
    if (header) {
      columns.AddHeader(line, cells);
    } else {
      columns.AddRow(line, cells);
    }
    header = false;
  });
  // Only now is it known which columns hold texts.
  if (columns.has_texts()) {
    header = true;
    rows.ForEach([&](int64_t, Cells cells) {
      if (!std::exchange(header, false)) columns.AddTexts(cells);
    });
  }
  return columns.Take();
}

}  // namespace longplay
