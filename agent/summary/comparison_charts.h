// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include "agent/charts/chart.h"
#include "agent/summary/context_chart.h"

namespace longplay {

/// The return (or held-out error) of the scored episode against the context length, and what is
/// beyond training apart.
Chart PlayByContext(const ChartData& data);

/// The scored episode's normalised score over all tasks, likewise. `data` is of any of the tasks.
Chart ScoreByContext(const ChartData& data);

/// The share of runs whose score is above a threshold, by threshold, a chart for each group of rows.
/// `data` is of any of the tasks.
std::vector<Chart> ScoreProfiles(const ChartData& data);

/// Return by episode in context, a chart for each group of rows.
std::vector<Chart> PlayByEpisode(const ChartData& data);

/// Training loss by optimiser step, likewise.
std::vector<Chart> TrainingCurves(const ChartData& data);

/// Return of the scored episode, and loss and action error in episodes kept out of training, by
/// optimiser step, where a policy was evaluated while it trained (evaluate.every); likewise.
std::vector<Chart> MeasuredWhileTraining(const ChartData& data);

/// Lets the vertical axes of all of them hold the values of each: panels beside each other are read
/// against each other.
void ShareValues(std::vector<Chart>& charts);

/// Peak memory, training speed, cost of an action and size of the state against the context length.
std::vector<Chart> CostByContext(const ChartData& data);

}  // namespace longplay
