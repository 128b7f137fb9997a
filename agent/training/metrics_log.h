// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <fstream>
#include <string>
#include <vector>

#include "agent/files/tensorboard_writer.h"
#include "agent/training/training_progress.h"

namespace longplay {

/// metrics.csv and TensorBoard events of one run, row by row.
class MetricsLog {
 public:
  /// Rows and events after `first_step` that an interrupted run left behind are dropped. `more` names the
  /// columns that TrainingProgress::more has beside the usual ones.
  MetricsLog(const std::string& run, int64_t first_step, const std::vector<std::string>& more = {});
  /// Throws std::runtime_error when the row cannot be written.
  void Write(const TrainingProgress& progress);

 private:
  std::string path_;
  std::ofstream csv_;
  TensorBoardWriter events_;
};

}  // namespace longplay
