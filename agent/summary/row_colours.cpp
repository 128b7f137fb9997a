// SPDX-License-Identifier: MIT
#include "agent/summary/row_colours.h"

#include <algorithm>
#include <vector>

namespace longplay {
namespace {

constexpr size_t kColours = 8;

std::vector<std::string> Lines(const Comparison& comparison) {
  std::vector<std::string> lines;
  for (const ComparedRow& row : comparison.rows) {
    if (row.in_grid && std::ranges::find(lines, row.line) == lines.end()) lines.push_back(row.line);
  }
  return lines;
}

/// How many rows before this one are of its line, or variants as it is.
size_t PlaceAmongItsKind(const Comparison& comparison, size_t row) {
  const ComparedRow& own = comparison.rows[row];
  return static_cast<size_t>(std::count_if(
      comparison.rows.begin(), comparison.rows.begin() + static_cast<int64_t>(row),
      [&](const ComparedRow& other) {
        return other.in_grid == own.in_grid && (!own.in_grid || other.line == own.line);
      }));
}

/// Rows of the longest line.
size_t Lengths(const Comparison& comparison) {
  size_t lengths = 0;
  for (size_t row = 0; row < comparison.rows.size(); ++row) {
    if (comparison.rows[row].in_grid) {
      lengths = std::max(lengths, PlaceAmongItsKind(comparison, row) + 1);
    }
  }
  return lengths;
}

size_t Variants(const Comparison& comparison) {
  return static_cast<size_t>(std::ranges::count(comparison.rows, false, &ComparedRow::in_grid));
}

}  // namespace

size_t ColourOfRow(const Comparison& comparison, size_t row) {
  if (comparison.rows.size() <= kColours) return row;
  // Variants behind all lengths: no chart has both a length and a variant of one colour.
  const size_t place = PlaceAmongItsKind(comparison, row);
  return comparison.rows[row].in_grid ? place : Lengths(comparison) + place;
}

size_t ColourOfLine(const Comparison& comparison, const std::string& line) {
  const std::vector<std::string> lines = Lines(comparison);
  const auto place = static_cast<size_t>(std::ranges::find(lines, line) - lines.begin());
  // Behind all colours that rows have.
  const size_t rows = comparison.rows.size();
  return place + (rows <= kColours ? rows : Lengths(comparison) + Variants(comparison));
}

}  // namespace longplay
