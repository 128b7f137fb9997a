// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <string>

#include "agent/config/run_options.h"
#include "agent/runs/run_folder.h"
#include "agent/training/training_progress.h"
#include "datasets/store/trajectory_set.h"

namespace longplay {

/// Train (agent/training/train.h) for train.method td3_bc: `options` are fitted to the data. Uses
/// td3_bc.* and of train.* steps, seed, device, dtype, log_every, checkpoint_every,
/// keep_checkpoints and max_bad_steps. The loss in metrics.csv is the critics'; a token is a
/// transition.
TrainingResult TrainTd3Bc(const RunOptions& options, const TrajectorySet& set,
                          const std::string& run, RunStart start,
                          const std::function<void(const TrainingProgress&)>& on_progress);

}  // namespace longplay
