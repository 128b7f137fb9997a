// SPDX-License-Identifier: MIT
#include "agent/comparison/expected_time.h"

#include <cstdio>

namespace longplay {
namespace {

double Mean(const std::map<size_t, double>& measured) {
  double sum = 0;
  for (const auto& [cell, value] : measured) sum += value;
  return measured.empty() ? 0 : sum / static_cast<double>(measured.size());
}

/// Of a cell that was not measured, the mean of those that were.
double Of(const std::map<size_t, double>& measured, size_t cell) {
  const auto found = measured.find(cell);
  return found == measured.end() ? Mean(measured) : found->second;
}

}  // namespace

ExpectedTime::ExpectedTime(const Comparison& comparison)
    : comparison_(&comparison), done_(comparison.runs.size(), false) {}

size_t ExpectedTime::Cell(size_t run) const {
  return comparison_->runs[run].row * comparison_->tasks.size() + comparison_->runs[run].task;
}

void ExpectedTime::Trained(size_t run, double seconds) {
  training_[Cell(run)] = seconds / comparison_->runs[run].tokens;
}

void ExpectedTime::Evaluated(size_t run, double seconds) { evaluation_[Cell(run)] = seconds; }

double ExpectedTime::Left() const {
  double seconds = 0;
  for (size_t run = 0; run < done_.size(); ++run) {
    if (done_[run]) continue;
    seconds += Of(training_, Cell(run)) * comparison_->runs[run].tokens;
    seconds += Of(evaluation_, Cell(run));
  }
  return seconds;
}

std::string ShownDuration(double seconds) {
  char text[32];
  if (seconds < 100) {
    std::snprintf(text, sizeof text, "%.0f s", seconds);
  } else if (seconds < 100 * 60) {
    std::snprintf(text, sizeof text, "%.0f min", seconds / 60);
  } else {
    std::snprintf(text, sizeof text, "%.1f h", seconds / 3600);
  }
  return text;
}

}  // namespace longplay
