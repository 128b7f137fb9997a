// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "agent/report/report.h"
#include "agent/run_report/reported_group.h"

namespace longplay {

/// Runs side by side: which policy is best and how sure that is, or why that cannot be said; their
/// returns with intervals, by episode and while training; the settings that differ; links to their
/// folders, results and films, as they are from `folder`, where the report is going to be; the films
/// of the best and the median run that have one. There is at least one run.
Report RunReport(const std::vector<ReportedRun>& runs, const std::string& folder,
                 const std::string& command);

}  // namespace longplay
