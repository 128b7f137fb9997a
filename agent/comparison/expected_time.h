// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <string>
#include <vector>

#include "agent/comparison/comparison.h"

namespace longplay {

/// What the runs of a comparison will take, judged by those that were measured: a row by its own
/// seconds per token, a row that was not measured yet by the mean of those that were.
class ExpectedTime {
 public:
  explicit ExpectedTime(const Comparison& comparison);

  /// Training of `run` took, or is going to take, `seconds`.
  void Trained(size_t run, double seconds);
  /// Everything after the training of `run` took `seconds`.
  void Evaluated(size_t run, double seconds);
  void Done(size_t run) { done_[run] = true; }

  /// [s] of all runs that are not done; 0 before anything was measured.
  double Left() const;

 private:
  size_t Cell(size_t run) const;  // a row on a task

  const Comparison* comparison_;         // not owned; must outlive this
  std::vector<bool> done_;               // of each run
  std::map<size_t, double> training_;    // [s per token] of a cell, as measured last
  std::map<size_t, double> evaluation_;  // [s] of a cell, likewise
};

/// "3 s", "12 min", "2.5 h".
std::string ShownDuration(double seconds);

}  // namespace longplay
