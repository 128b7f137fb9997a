// SPDX-License-Identifier: MIT
#include "datasets/tables/column_values.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <map>

#include "datasets/data_error.h"

namespace longplay {
namespace {

constexpr double kMostExact = 9007199254740992.0;  // 2^53: below it whole numbers are doubles

std::string ShortestText(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  std::array<char, 32> digits{};
  const auto* end = std::to_chars(digits.begin(), digits.end(), value).ptr;
  return {digits.data(), static_cast<size_t>(end - digits.data())};
}

std::string AndMore(int64_t more) {
  return more > 0 ? " (and " + std::to_string(more) + " more)" : "";
}

void RequireOneNumber(const StepTable& table, const TableColumn& column) {
  if (column.width() == 1) return;
  throw DataError(table.path + ":" + column.name,
                  "expected one number a row, got " + std::to_string(column.width()));
}

}  // namespace

std::optional<CellNumber> ParseNumber(std::string_view cell, bool commas) {
  std::string text(cell.starts_with('+') ? cell.substr(1) : cell);
  if (text.empty() || (cell.starts_with('+') && text[0] == '-')) return {};
  CellNumber number;
  // One comma before the decimals; "1.234,5" and "1,234,5" are no numbers.
  const size_t comma = text.find(',');
  if (comma != std::string::npos) {
    if (!commas || text.find('.') != std::string::npos) return {};
    text[comma] = '.';
    number.decimal = ',';
  } else if (text.find('.') != std::string::npos) {
    number.decimal = '.';
  }
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, number.value);
  if (parsed.ptr != end) return {};
  if (parsed.ec == std::errc::result_out_of_range) {
    // Too small is 0, or as near to it as doubles go; too large is no number.
    number.value = std::strtod(text.c_str(), nullptr);
    if (std::abs(number.value) > 1) return {};
  } else if (parsed.ec != std::errc()) {
    return {};
  }
  const bool digits =
      std::ranges::all_of(text, [](unsigned char c) { return std::isdigit(c) != 0 || c == '-'; });
  number.is_exact = !digits || std::abs(number.value) < kMostExact;
  number.is_whole = digits && number.is_exact;
  return number;
}

std::optional<bool> ParseTruth(std::string_view cell) {
  std::string text(cell);
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::tolower(c); });
  if (text == "true") return true;
  if (text == "false") return false;
  return {};
}

std::string CellText(const TableColumn& column, int64_t row, int64_t k) {
  if (!column.is_text()) return ShortestText(column.numbers[row * column.width() + k]);
  return column.texts[row].empty() ? "nothing" : column.texts[row];
}

void RequireNumbers(const StepTable& table, const TableColumn& column) {
  if (!column.is_text()) return;
  // Somewhere is a text or a number of too many digits, or decimals are written in two ways.
  char decimal = 0;
  int64_t first = -1, count = 0;
  for (int64_t row = 0; row < table.rows; ++row) {
    const auto number = ParseNumber(column.texts[row], table.decimal_commas);
    const bool other = number && number->decimal != 0 && decimal != 0 && number->decimal != decimal;
    if (number && number->decimal != 0 && decimal == 0) decimal = number->decimal;
    if (number && number->is_exact && !other) continue;
    if (first < 0) first = row;
    ++count;
  }
  if (first < 0) {  // in files that keep texts and numbers apart
    throw DataError(table.Where(column, 0), "expected a number, got the text " +
                                                CellText(column, 0) + AndMore(table.rows - 1));
  }
  const std::string like = decimal == 0 ? "" : decimal == ',' ? " like 1,5" : " like 1.5";
  const auto number = ParseNumber(column.texts[first], table.decimal_commas);
  const std::string exact = number && !number->is_exact ? " that float64 holds exactly" : like;
  throw DataError(table.Where(column, first), "expected a number" + exact + ", got " +
                                                  CellText(column, first) + AndMore(count - 1));
}

std::vector<uint8_t> ReadFlags(const StepTable& table, const TableColumn& column) {
  RequireOneNumber(table, column);
  std::vector<uint8_t> flags(table.rows);
  int64_t first = -1, count = 0;
  for (int64_t row = 0; row < table.rows; ++row) {
    std::optional<double> value;
    if (!column.is_text()) {
      value = column.numbers[row];
    } else if (column.texts[row].empty()) {
      value = 0;  // marked only where it is 1
    } else if (const auto truth = ParseTruth(column.texts[row])) {
      value = *truth ? 1 : 0;
    } else if (const auto number = ParseNumber(column.texts[row], table.decimal_commas)) {
      value = number->value;
    }
    if (value && (*value == 0 || *value == 1)) {
      flags[row] = *value == 1 ? 1 : 0;
      continue;
    }
    if (first < 0) first = row;
    ++count;
  }
  if (count > 0) {
    const std::string good = table.lines.empty() ? "0 or 1" : "0, 1, true, false or an empty cell";
    throw DataError(table.Where(column, first),
                    "expected " + good + ", got " + CellText(column, first) + AndMore(count - 1));
  }
  return flags;
}

RowNames ReadNames(const StepTable& table, const TableColumn& column) {
  RequireOneNumber(table, column);
  RowNames names;
  names.ids.reserve(table.rows);
  std::map<double, int64_t> by_number;
  std::map<std::string, int64_t> by_text;
  for (int64_t row = 0; row < table.rows; ++row) {
    const bool none =
        column.is_text() ? column.texts[row].empty() : std::isnan(column.numbers[row]);
    if (none) {
      throw DataError(table.Where(column, row),
                      "expected a name or a number, got " + CellText(column, row));
    }
    const auto next = static_cast<int64_t>(names.texts.size());
    const int64_t id = column.is_text()
                           ? by_text.try_emplace(column.texts[row], next).first->second
                           : by_number.try_emplace(column.numbers[row], next).first->second;
    if (id == next) names.texts.push_back(CellText(column, row));
    names.ids.push_back(id);
  }
  return names;
}

}  // namespace longplay
