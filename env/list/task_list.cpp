// SPDX-License-Identifier: MIT
#include "env/list/task_list.h"

#include <algorithm>
#include <stdexcept>

#include "env/dm_control/dm_control_tasks.h"
#include "env/family/family_tasks.h"
#include "env/family/fog.h"
#include "env/grid/grid_tasks.h"
#include "env/gymnasium/gymnasium_tasks.h"
#include "env/list/resolve_id.h"
#include "env/literature/literature_physics.h"
#include "env/literature/literature_tasks.h"
#include "env/physics/task_entries.h"

namespace longplay {
namespace {

std::vector<EnvironmentEntry> ListAll() {
  std::vector<EnvironmentEntry> all;
  for (const auto& entries :
       {EnvironmentEntries(DmControlTasks()), EnvironmentEntries(FamilyTasks()),
        EnvironmentEntries(FogTasks()), EnvironmentEntries(GridTasks()),
        EnvironmentEntries(GymnasiumTasks()), EnvironmentEntries(PlainLiteratureTasks()),
        EnvironmentEntries(PhysicsLiteratureTasks())}) {
    all.insert(all.end(), entries.begin(), entries.end());
  }
  std::sort(all.begin(), all.end(),
            [](const auto& a, const auto& b) { return a.spec.id < b.spec.id; });
  return all;
}

std::vector<std::string> AllIds() {
  std::vector<std::string> ids;
  for (const EnvironmentEntry& entry : AllEnvironments()) ids.push_back(entry.spec.id);
  return ids;
}

}  // namespace

const std::vector<EnvironmentEntry>& AllEnvironments() {
  // Made once: every id that is asked for is looked up in it.
  static const std::vector<EnvironmentEntry> all = ListAll();
  return all;
}

FoundEnvironment FindEnvironment(const std::string& given) {
  const std::vector<std::string> ids = AllIds();
  const ResolvedId resolved = ResolveId(given, ids);
  for (const EnvironmentEntry& entry : AllEnvironments()) {
    if (entry.spec.id == resolved.id) return {.entry = entry, .note = resolved.note};
  }
  std::string closest;
  for (const std::string& id : ClosestIds(given, ids)) {
    closest += (closest.empty() ? "" : ", ") + id;
  }
  throw std::invalid_argument(
      "making an environment: id: expected one of `longplay env list` (closest: " + closest +
      "), got \"" + given + "\"");
}

}  // namespace longplay
