// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <fstream>
#include <string>

#include "agent/tensorboard_writer.h"
#include "agent/trainer.h"

namespace longplay {

/// metrics.csv and TensorBoard events of one run, row by row.
class MetricsLog {
 public:
  /// Rows after `first_step` that an interrupted run left behind are dropped.
  MetricsLog(const std::string& run, int64_t first_step);
  void Write(const TrainingProgress& progress);

 private:
  std::ofstream csv_;
  TensorBoardWriter events_;
};

}  // namespace longplay
