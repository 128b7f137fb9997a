// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include "agent/charts/chart.h"
#include "agent/run_report/reported_group.h"

namespace longplay {

// Charts of groups of runs. A group has one colour and mark everywhere; more than eight groups are
// shared out over charts of eight.

/// The scored episode of each group, as bars; none where nothing was played.
std::vector<Chart> ScoreBars(const std::vector<ReportedGroup>& groups);

/// By episode in context, where some group has several.
std::vector<Chart> EpisodeCurves(const std::vector<ReportedGroup>& groups);

/// The training loss by optimiser step: a line for each group, the mean over its runs at the steps
/// that all of them have, and a thin line for each run where there are several.
std::vector<Chart> LossCurves(const std::vector<ReportedGroup>& groups);

/// The same of what was measured while they trained (evaluate.every): returns, and loss and action
/// error on episodes kept out of training.
std::vector<Chart> MeasuredCurvesOf(const std::vector<ReportedGroup>& groups);

}  // namespace longplay
