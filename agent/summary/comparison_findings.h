// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "agent/summary/context_chart.h"

namespace longplay {

/// Whether scores of different tasks are worth a mean.
enum class TaskScores { kTogether, kApart };

/// What a comparison answers, a paragraph each: over all tasks (if there are several and their
/// scores count together), then for each task and budget; last what the better row costs.
/// `views`: [tasks][budgets].
std::vector<std::string> FindingsOf(const std::vector<std::vector<ChartData>>& views,
                                    TaskScores scores);

}  // namespace longplay
