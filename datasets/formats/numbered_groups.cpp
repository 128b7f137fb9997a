// SPDX-License-Identifier: MIT
#include "datasets/formats/numbered_groups.h"

#include <algorithm>
#include <cctype>

namespace longplay {
namespace {

bool IsDigit(char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; }

/// The end of the run of digits that begins at `at`.
size_t DigitsEnd(const std::string& text, size_t at) {
  while (at < text.size() && IsDigit(text[at])) ++at;
  return at;
}

}  // namespace

bool NaturalLess(const std::string& a, const std::string& b) {
  size_t i = 0, j = 0;
  while (i < a.size() && j < b.size()) {
    if (!IsDigit(a[i]) || !IsDigit(b[j])) {
      if (a[i] != b[j]) return a[i] < b[j];
      ++i, ++j;
      continue;
    }
    // Two numbers, without their leading zeros: the longer is the larger.
    const size_t a_end = DigitsEnd(a, i), b_end = DigitsEnd(b, j);
    while (i + 1 < a_end && a[i] == '0') ++i;
    while (j + 1 < b_end && b[j] == '0') ++j;
    if (a_end - i != b_end - j) return a_end - i < b_end - j;
    const int order = a.compare(i, a_end - i, b, j, b_end - j);
    if (order != 0) return order < 0;
    i = a_end, j = b_end;
  }
  // One begins the other, or they differ in leading zeros alone.
  const size_t a_left = a.size() - i, b_left = b.size() - j;
  return a_left != b_left ? a_left < b_left : a < b;
}

std::vector<std::string> NumberedGroups(const Hdf5File& file, const std::string& parent,
                                        const std::string& prefix) {
  const std::string before = parent == "/" ? "" : parent + "/";
  std::vector<std::string> names;
  for (const std::string& name : file.Children(parent)) {
    const bool numbered = name.size() > prefix.size() && name.starts_with(prefix) &&
                          DigitsEnd(name, prefix.size()) == name.size();
    if (numbered && file.IsGroup(before + name)) names.push_back(before + name);
  }
  std::ranges::sort(names, NaturalLess);
  return names;
}

}  // namespace longplay
