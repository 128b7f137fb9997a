// SPDX-License-Identifier: MIT
#include "env/list/task_list.h"

#include <algorithm>
#include <cctype>
#include <iterator>
#include <numeric>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "env/dm_control/dm_control_tasks.h"
#include "env/family/family_tasks.h"
#include "env/grid/grid_tasks.h"
#include "env/gymnasium/gymnasium_tasks.h"
#include "env/physics/task_entries.h"

namespace longplay {
namespace {

std::vector<EnvironmentEntry> ListAll() {
  std::vector<EnvironmentEntry> all;
  for (const auto& entries :
       {EnvironmentEntries(DmControlTasks()), EnvironmentEntries(FamilyTasks()),
        EnvironmentEntries(GridTasks()), EnvironmentEntries(GymnasiumTasks())}) {
    all.insert(all.end(), entries.begin(), entries.end());
  }
  std::sort(all.begin(), all.end(),
            [](const auto& a, const auto& b) { return a.spec.id < b.spec.id; });
  return all;
}

// Levenshtein distance, letter case aside.
size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 0; i < a.size(); ++i) {
    size_t diagonal = std::exchange(row[0], i + 1);
    for (size_t j = 0; j < b.size(); ++j) {
      const bool equal = std::tolower(static_cast<unsigned char>(a[i])) ==
                         std::tolower(static_cast<unsigned char>(b[j]));
      const size_t replaced = diagonal + (equal ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, diagonal + 1});
    }
  }
  return row.back();
}

std::string ClosestIds(const std::string& id) {
  std::vector<std::pair<size_t, std::string>> ranked;
  for (const EnvironmentEntry& entry : AllEnvironments()) {
    ranked.emplace_back(EditDistance(id, entry.spec.id), entry.spec.id);
  }
  std::sort(ranked.begin(), ranked.end());
  std::string names;
  for (size_t i = 0; i < std::min<size_t>(3, ranked.size()); ++i) {
    names += (i == 0 ? "" : ", ") + ranked[i].second;
  }
  return names;
}

}  // namespace

const std::vector<EnvironmentEntry>& AllEnvironments() {
  static const std::vector<EnvironmentEntry> all = ListAll();
  return all;
}

const EnvironmentEntry& FindEnvironment(const std::string& id) {
  for (const EnvironmentEntry& entry : AllEnvironments()) {
    if (entry.spec.id == id) return entry;
  }
  throw std::invalid_argument(
      "making an environment: id: expected one of `longplay env list` (closest: " + ClosestIds(id) +
      "), got \"" + id + "\"");
}

}  // namespace longplay
