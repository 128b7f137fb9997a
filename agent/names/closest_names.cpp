// SPDX-License-Identifier: MIT
#include "agent/names/closest_names.h"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <utility>

namespace longplay {
namespace {

constexpr size_t kMostClosestNames = 3;

// Levenshtein distance.
size_t EditsBetweenNames(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 0; i < a.size(); ++i) {
    // One row of the table at a time; `diagonal` is what the row before held at j.
    size_t diagonal = std::exchange(row[0], i + 1);
    for (size_t j = 0; j < b.size(); ++j) {
      const size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, diagonal + 1});
    }
  }
  return row.back();
}

std::string_view BehindLastDot(std::string_view name) {
  const size_t dot = name.rfind('.');
  return dot == std::string_view::npos ? name : name.substr(dot + 1);
}

}  // namespace

std::vector<std::string> ClosestNames(std::string_view given,
                                      const std::vector<std::string>& names) {
  const bool has_section = given.find('.') != std::string_view::npos;
  std::vector<std::pair<size_t, std::string>> ranked;
  for (const std::string& name : names) {
    const size_t behind = EditsBetweenNames(BehindLastDot(given), BehindLastDot(name));
    // A key in the wrong section is one edit away, however far its section is.
    const size_t edits =
        has_section ? std::min(EditsBetweenNames(given, name), behind + 1) : behind;
    ranked.emplace_back(edits, name);
  }
  std::ranges::stable_sort(ranked, {}, &std::pair<size_t, std::string>::first);
  std::vector<std::string> closest;
  for (const auto& [edits, name] : ranked) {
    if (closest.size() < kMostClosestNames) closest.push_back(name);
  }
  return closest;
}

std::string ClosestText(std::string_view given, const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : ClosestNames(given, names)) {
    text += (text.empty() ? "" : ", ") + name;
  }
  return text;
}

}  // namespace longplay
