// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <string>

#include "agent/config/run_options.h"
#include "agent/runs/run_folder.h"
#include "agent/training/training_progress.h"
#include "datasets/store/episode_set.h"

namespace longplay {

/// Trains options.train.steps steps by options.train.method and leaves a run folder: config.yaml,
/// metrics.csv, TensorBoard events, checkpoints/step_N. RunStart::kResume continues the newest
/// checkpoint in `run` bit for bit. `on_progress` is called every options.train.log_every steps and may be empty.
/// Throws std::invalid_argument for options that do not fit the data, std::runtime_error when a
/// file cannot be written or max_bad_steps is reached.
TrainingResult Train(const RunOptions& options, const EpisodeSet& set, const std::string& run,
                     RunStart start,
                     const std::function<void(const TrainingProgress&)>& on_progress);

}  // namespace longplay
