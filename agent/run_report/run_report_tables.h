// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "agent/charts/chart.h"
#include "agent/run_report/reported_group.h"

namespace longplay {

/// What each policy earns in its scored episode, and its difference to the first one of `groups`,
/// which is left out where `comparable` is false.
enum class GroupDifferences { kShown, kLeftOut };
Table GroupTable(const std::vector<ReportedGroup>& groups, GroupDifferences differences);

/// The settings that are not the same for all; no rows where there are none.
Table SettingTable(const std::vector<ReportedGroup>& groups);

/// Every run, with links to its folder, configuration, result and films, relative to `folder`.
Table EveryRunTable(const std::vector<ReportedGroup>& groups, const std::string& folder);

}  // namespace longplay
