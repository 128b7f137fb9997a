// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "agent/summary/row_comparison.h"

namespace longplay {

/// What competes, and how two of it compare.
struct Contest {
  struct Entry {
    size_t row = 0;
    std::string name;
    double value = 0;
  };
  std::vector<Entry> entries;  // that have a value
  size_t rows = 0;             // with those that have none yet
  size_t reference = 0;        // row
  std::string reference_name;
  std::string measure = "return";  // what the values are
  bool less_is_better = false;     // errors
  bool lengths = false;            // rows differ in the context length alone
  std::string noun = "row";        // what is compared, where it is no length
  int64_t seeds = 0;               // training runs of each row, done or not
  std::function<std::optional<RowComparison>(size_t x, size_t y)> compare;
};

/// The answer in one or two sentences: which is best, by how much, how sure. Starts with a small
/// letter unless a row's name has a large one; empty where nothing is done.
std::string FindingOf(const Contest& contest);

/// The entry that the answer is about beside the reference: what is clearly better than it, or
/// else the best of the others. Nothing where there is no other.
std::optional<size_t> RowInQuestion(const Contest& contest);

/// "a, b and c".
std::string Listed(const std::vector<std::string>& names);

/// "4 episodes" as it is, other names and those with a comma in quotes.
std::string ShownName(const std::string& name);

}  // namespace longplay
