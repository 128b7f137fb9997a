// SPDX-License-Identifier: MIT
#include "agent/config/config_difference.h"

#include <algorithm>

#include "agent/config/config_fields.h"

namespace longplay {
namespace {

// The same data may lie elsewhere, and others in the same place.
constexpr char kWhereDataLie[] = "data.files";

}  // namespace

std::vector<ConfigDifference> DifferencesBetween(const RunOptions& before, const RunOptions& now) {
  std::vector<ConfigDifference> differences;
  for (const ConfigField& field : ConfigFields()) {
    if (field.key == kWhereDataLie) continue;
    const std::string old_value = field.print(before), new_value = field.print(now);
    if (old_value != new_value)
      differences.push_back({field.key, old_value, new_value, field.role});
  }
  return differences;
}

std::string ShownDifferences(const std::vector<ConfigDifference>& differences, KeyRole role) {
  std::string text;
  for (const ConfigDifference& difference : differences) {
    if (difference.role != role) continue;
    text += (text.empty() ? "" : "; ") + difference.key + ": " + difference.before + ", got " +
            difference.now;
  }
  return text;
}

std::string ConfigOf(const RunOptions& options, std::initializer_list<KeyRole> roles) {
  std::string text;
  for (const ConfigField& field : ConfigFields()) {
    if (field.key == kWhereDataLie || std::ranges::count(roles, field.role) == 0) continue;
    text += field.key + ": " + field.print(options) + "\n";
  }
  return text;
}

}  // namespace longplay
