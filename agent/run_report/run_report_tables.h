// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "agent/charts/chart.h"
#include "agent/run_report/reported_group.h"

namespace longplay {

/// Differences mean nothing where groups were not evaluated alike.
enum class GroupDifferences { kShown, kLeftOut };

/// What each policy earns in its scored episode, and its difference to the first of `groups`.
Table GroupTable(const std::vector<ReportedGroup>& groups, GroupDifferences differences);

/// The settings that are not the same for all; no rows where there are none.
Table SettingTable(const std::vector<ReportedGroup>& groups);

/// Every run, with links to its folder, configuration, result and films, relative to `folder`.
Table EveryRunTable(const std::vector<ReportedGroup>& groups, const std::string& folder);

}  // namespace longplay
