// SPDX-License-Identifier: MIT
#include "datasets/columnar/table_rows.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "datasets/data_error.h"

namespace longplay {
namespace {

std::string NumberText(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  std::array<char, 32> digits{};  // the shortest that read back as the same
  const auto end = std::to_chars(digits.begin(), digits.end(), value).ptr;
  return {digits.begin(), end};
}

/// Fails at the first number that is not good, saying how many there are.
template <typename Good>
void RefuseBad(const ParquetTable& table, const std::string& place, int64_t first, int64_t row_size,
               std::span<const double> values, const std::string& expected, const Good& good) {
  const auto bad = std::ranges::find_if_not(values, good);
  if (bad == values.end()) return;
  const int64_t index = bad - values.begin();
  const int64_t more =
      std::ranges::count_if(bad + 1, values.end(), [&](double value) { return !good(value); });
  const std::string column = row_size > 1 ? ", " + std::to_string(index % row_size) : "";
  table.Fail(place + "[" + std::to_string(first + index / row_size) + column + "]", expected,
             NumberText(*bad) + (more > 0 ? " (and " + std::to_string(more) + " more)" : ""));
}

}  // namespace

void CheckFiniteRows(const ParquetTable& table, const std::string& column, int64_t first,
                     int64_t row_size, std::span<const double> values) {
  RefuseBad(table, column, first, row_size, values, "a finite number",
            [](double value) { return std::isfinite(value); });
}

void CheckWholeRows(const ParquetTable& table, const std::string& column, int64_t first,
                    std::span<const double> values, int64_t low, int64_t high) {
  const auto least = static_cast<double>(low), most = static_cast<double>(high);
  RefuseBad(
      table, column, first, 1, values,
      "a whole number from " + std::to_string(low) + " to " + std::to_string(high),
      [&](double value) { return value >= least && value <= most && value == std::floor(value); });
}

void TableRows::Add(const std::string& name, int64_t row_size, Choices choices) {
  Part part{.name = name, .row_size = row_size, .choices = std::move(choices), .width = row_size};
  if (!part.choices.empty()) {
    part.width = 0;
    for (const auto& choice : part.choices) part.width += choice.second;
  }
  parts_.push_back(std::move(part));
}

int64_t TableRows::width() const {
  int64_t width = 0;
  for (const Part& part : parts_) width += part.width;
  return width;
}

std::vector<std::string> TableRows::names() const {
  std::vector<std::string> names;
  for (const Part& part : parts_) names.push_back(part.name);
  return names;
}

std::string TableRows::Type(const ParquetTable& table) const {
  // Of several types the widest: double holds every number that the others do.
  std::string type;
  for (const Part& part : parts_) {
    const std::string& own = table.Column(part.name).type;
    type = type.empty() || type == own ? own : "float64";
  }
  return type;
}

void TableRows::Check(const ParquetTable& table) const {
  for (const Part& part : parts_) {
    const ParquetColumn& column = table.Column(part.name);
    if (!column.is_number()) {
      table.Fail(part.name, "numbers", "texts, pictures or another type");
    }
    int64_t size = 1;
    for (const int64_t dimension : column.row_shape) {
      size = dimension < 0 || size < 0 ? -1 : size * dimension;
    }
    if (size >= 0 && size != part.row_size) {
      table.Fail(
          part.name,
          std::to_string(part.row_size) + (part.row_size == 1 ? " number a row" : " numbers a row"),
          std::to_string(size));
    }
  }
}

void TableRows::Read(const ParquetTable& table, int64_t first, int64_t count,
                     std::vector<double>& rows) const {
  const auto read = [&](const Part& part, std::vector<double>& values) {
    table.ReadNumbers(part.name, part.row_size, values, first, count);
    CheckFiniteRows(table, part.name, first, part.row_size, values);
  };
  // One column of numbers is the rows; others are put side by side.
  if (parts_.size() == 1 && parts_[0].choices.empty()) {
    read(parts_[0], rows);
    return;
  }
  const auto width = static_cast<size_t>(this->width());
  rows.assign(static_cast<size_t>(count) * width, 0.0);
  std::vector<double> values;
  size_t begin = 0;
  for (const Part& part : parts_) {
    read(part, values);
    const auto size = static_cast<size_t>(part.row_size);
    for (size_t t = 0; t < static_cast<size_t>(count); ++t) {
      double* row = rows.data() + t * width + begin;
      if (part.choices.empty()) std::copy_n(values.data() + t * size, size, row);
      for (size_t k = 0; k < part.choices.size(); ++k) {
        const auto [start, options] = part.choices[k];
        const double value = values[t * size + k];
        CheckWholeRows(table, part.name, first + static_cast<int64_t>(t), {&value, 1}, start,
                       start + options - 1);
        row[static_cast<int64_t>(value) - start] = 1;
        row += options;
      }
    }
    begin += static_cast<size_t>(part.width);
  }
}

}  // namespace longplay
