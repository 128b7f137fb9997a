// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include "agent/report/chart.h"
#include "agent/summary/context_chart.h"

namespace longplay {

/// The last episode's return (or held-out error) against the context length.
Chart PlayByContext(const ChartData& data);

/// The last episode's normalised score over all tasks, likewise. `data` is of any of the tasks.
Chart ScoreByContext(const ChartData& data);

/// Return by episode in context, a chart for each group of rows.
std::vector<Chart> PlayByEpisode(const ChartData& data);

/// Training loss by optimiser step, likewise.
std::vector<Chart> TrainingCurves(const ChartData& data);

/// Peak memory, training speed, cost of an action and size of the state against the context length.
std::vector<Chart> CostByContext(const ChartData& data);

}  // namespace longplay
