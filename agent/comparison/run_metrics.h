// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <string>
#include <vector>

#include "agent/comparison/comparison.h"

namespace longplay {

/// Columns of metrics.csv, which holds the whole run however often it was interrupted.
struct RunMetrics {
  std::vector<double> steps, losses, steps_per_second, tokens_per_second, skipped;
  std::map<std::string, std::vector<double>> measured;  // an evaluator's; NaN = not at this step
};

/// Of a run folder; no rows where the file is missing.
RunMetrics ReadMetrics(const std::string& run);

/// Of the rows, of an even number the upper one of the two in the middle; 0 of none.
double MedianTokensPerSecond(const RunMetrics& metrics);

/// [s] of training, by the rates of the rows: what passed between two sittings is not in it. A rate
/// is that of steps which count; of a row without any the time is not known.
double TrainingSeconds(const RunMetrics& metrics);

/// What was measured, at the steps where it was.
std::map<std::string, TrainingCurve> MeasuredCurves(const RunMetrics& metrics);

}  // namespace longplay
