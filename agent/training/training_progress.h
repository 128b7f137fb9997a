// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace longplay {

/// A row of metrics.csv, or what it would be if it were written now.
struct TrainingProgress {
  int64_t step = 0, steps = 0;
  int64_t first = 0;  // step that this process went on from
  double loss = 0;    // mean over real time steps since the last row
  double learning_rate = 0;
  double gradient_norm = 0;
  double steps_per_second = 0, tokens_per_second = 0;
  double wait_share = 0;  // of the time, in which training waited for data
  int64_t skipped = 0;    // steps with a non-finite loss or gradient so far
  // What only this method has: further columns, by name, the same in every row.
  std::vector<std::pair<std::string, double>> more = {};
};

/// What a whole training gave.
struct TrainingResult {
  std::string run;  // folder
  int64_t steps = 0;
  double loss = 0;               // of the last row
  double tokens_per_second = 0;  // over the whole run
  int64_t parameters = 0;
  int64_t skipped = 0;  // steps with a non-finite loss or gradient, which changed nothing
};

}  // namespace longplay
