// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <fstream>
#include <limits>
#include <string>
#include <vector>

#include "agent/files/tensorboard_writer.h"
#include "agent/training/training_progress.h"

namespace longplay {

using TrainingClock = std::chrono::steady_clock;

inline double SecondsSince(TrainingClock::time_point start) {  // [s]
  return std::chrono::duration<double>(TrainingClock::now() - start).count();
}

/// The mean of `count` values with this sum; of none it is not a number.
inline double MeanOf(double sum, int64_t count) {
  return count == 0 ? std::numeric_limits<double>::quiet_NaN() : sum / static_cast<double>(count);
}

/// metrics.csv and TensorBoard events of one run, row by row.
class MetricsLog {
 public:
  /// Rows after `first_step` that an interrupted run left behind are dropped. `more` names the
  /// columns that TrainingProgress::more has beside the usual ones.
  MetricsLog(const std::string& run, int64_t first_step, const std::vector<std::string>& more = {});
  void Write(const TrainingProgress& progress);

 private:
  std::ofstream csv_;
  TensorBoardWriter events_;
};

}  // namespace longplay
