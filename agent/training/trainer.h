// SPDX-License-Identifier: MIT
#pragma once

#include <c10/core/Device.h>
#include <torch/types.h>

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "agent/config/run_options.h"
#include "agent/runs/run_folder.h"
#include "datasets/store/trajectory_set.h"

namespace longplay {

/// One row of metrics.csv, given to the caller as training goes on.
struct TrainingProgress {
  int64_t step = 0, steps = 0;
  double loss = 0;  // mean over real time steps since the last row
  double learning_rate = 0;
  double gradient_norm = 0;
  double steps_per_second = 0, tokens_per_second = 0;
  double wait_share = 0;  // of the time, in which training waited for data
  int64_t skipped = 0;    // steps with a non-finite loss or gradient so far
  // What only this method has: further columns, by name, the same in every row.
  std::vector<std::pair<std::string, double>> more = {};
};

struct TrainingResult {
  std::string run;  // folder
  int64_t steps = 0;
  double loss = 0;               // of the last row
  double tokens_per_second = 0;  // over the whole run
  int64_t parameters = 0;
};

/// Trains options.train.steps steps and leaves a run folder: config.yaml, metrics.csv, TensorBoard
/// events, checkpoints/step_N. With `resume` it continues the newest checkpoint in `run` bit for
/// bit. `on_progress` is called every options.train.log_every steps and may be empty.
/// Throws std::invalid_argument for options that do not fit the data, std::runtime_error when a
/// file cannot be written or max_bad_steps is reached.
TrainingResult Train(const RunOptions& options, const TrajectorySet& set, const std::string& run,
                     RunStart start,
                     const std::function<void(const TrainingProgress&)>& on_progress);

/// options with everything filled in that the data decides: sizes, head, table sizes, environment.
RunOptions FitToData(const RunOptions& options, const TrajectorySet& set);

/// What a user should know about how the data are used, a sentence each.
std::vector<std::string> DataNotes(const TrajectorySet& set);

/// cpu or cuda from "auto", "cpu", "cuda", "cuda:N".
/// Throws std::invalid_argument when there is no such device.
torch::Device ChooseDevice(const std::string& name);

}  // namespace longplay
