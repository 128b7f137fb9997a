// SPDX-License-Identifier: MIT
#include "agent/comparison/run_metrics.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <sstream>

namespace longplay {
namespace {

bool IsMeasured(const std::string& column) {
  return column.starts_with("return_") || column.starts_with("validation_");
}

}  // namespace

RunMetrics ReadMetrics(const std::string& run) {
  RunMetrics metrics;
  std::ifstream file(run + "/metrics.csv");
  std::string line, name;
  std::getline(file, line);
  // Where each column of the file goes; null = nowhere.
  std::vector<std::vector<double>*> columns;
  for (std::istringstream names(line); std::getline(names, name, ',');) {
    columns.push_back(name == "step"                ? &metrics.steps
                      : name == "loss"              ? &metrics.losses
                      : name == "steps_per_second"  ? &metrics.steps_per_second
                      : name == "tokens_per_second" ? &metrics.tokens_per_second
                      : name == "skipped"           ? &metrics.skipped
                      : IsMeasured(name)            ? &metrics.measured[name]
                                                    : nullptr);
  }
  while (std::getline(file, line)) {
    std::istringstream cells(line);
    std::string cell;
    for (size_t i = 0; i < columns.size() && std::getline(cells, cell, ','); ++i) {
      if (columns[i] != nullptr) columns[i]->push_back(std::strtod(cell.c_str(), nullptr));
    }
  }
  return metrics;
}

double MedianTokensPerSecond(const RunMetrics& metrics) {
  std::vector<double> values = metrics.tokens_per_second;
  if (values.empty()) return 0;
  std::ranges::nth_element(values, values.begin() + static_cast<int64_t>(values.size() / 2));
  return values[values.size() / 2];
}

double TrainingSeconds(const RunMetrics& metrics) {
  double seconds = 0, before = 0;
  for (size_t i = 0; i < metrics.steps.size(); ++i) {
    // So far; rows of earlier versions do not say how many were skipped.
    const bool known = i < metrics.skipped.size() && std::isfinite(metrics.skipped[i]);
    const double counted = metrics.steps[i] - (known ? metrics.skipped[i] : 0);
    if (metrics.steps_per_second[i] > 0) {
      seconds += (counted - before) / metrics.steps_per_second[i];
    }
    before = counted;
  }
  return seconds;
}

std::map<std::string, TrainingCurve> MeasuredCurves(const RunMetrics& metrics) {
  std::map<std::string, TrainingCurve> curves;
  for (const auto& [name, values] : metrics.measured) {
    for (size_t i = 0; i < values.size(); ++i) {
      if (std::isnan(values[i])) continue;
      curves[name].steps.push_back(metrics.steps[i]);
      curves[name].values.push_back(values[i]);
    }
  }
  return curves;
}

}  // namespace longplay
