// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <string>

#include "agent/config/run_options.h"
#include "agent/runs/run_folder.h"
#include "agent/training/training_progress.h"
#include "datasets/store/trajectory_set.h"

namespace longplay {

/// Train (agent/training/train.h) for train.method sequence: `options` are fitted to the data.
TrainingResult TrainSequenceModel(const RunOptions& options, const TrajectorySet& set,
                                  const std::string& run, RunStart start,
                                  const std::function<void(const TrainingProgress&)>& on_progress);

}  // namespace longplay
