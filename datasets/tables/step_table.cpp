// SPDX-License-Identifier: MIT
#include "datasets/tables/step_table.h"

#include <algorithm>

namespace longplay {

bool TableColumn::is_whole() const {
  return type == "bool" || type.starts_with("int") || type.starts_with("uint");
}

int64_t TableColumn::width() const {
  int64_t width = 1;
  for (const int64_t size : row_shape) width *= size;
  return width;
}

const TableColumn* StepTable::Find(const std::string& name) const {
  const auto found = std::ranges::find(columns, name, &TableColumn::name);
  return found == columns.end() ? nullptr : &*found;
}

std::string StepTable::Where(const TableColumn& column, int64_t row, int64_t k) const {
  if (!lines.empty()) return path + ":" + std::to_string(lines[row]) + ":" + column.name;
  const std::string number = column.row_shape.empty() ? "" : ", " + std::to_string(k);
  return path + ":" + column.name + "[" + std::to_string(row) + number + "]";
}

std::string StepTable::RowText(int64_t row) const {
  return lines.empty() ? "row " + std::to_string(row) : "line " + std::to_string(lines[row]);
}

std::string StepTable::Names() const {
  std::string names;
  for (const TableColumn& column : columns) {
    if (!names.empty()) names += ", ";
    names += column.name.empty() ? "(no name)" : column.name;
  }
  return names.empty() ? "none" : names;
}

}  // namespace longplay
