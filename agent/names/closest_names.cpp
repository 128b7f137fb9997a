// SPDX-License-Identifier: MIT
#include "agent/names/closest_names.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "env/list/resolve_id.h"

namespace longplay {
namespace {

constexpr size_t kMostClosestNames = 3;

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
    const size_t behind = EditDistance(BehindLastDot(given), BehindLastDot(name));
    // A key in the wrong section is one edit away, however far its section is.
    const size_t edits = has_section ? std::min(EditDistance(given, name), behind + 1) : behind;
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
