// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <string>

#include "agent/config/run_options.h"
#include "agent/runs/run_folder.h"
#include "agent/training/step_evaluator.h"
#include "agent/training/training_progress.h"
#include "datasets/store/episode_set.h"

namespace longplay {

/// Trains options.train.steps steps by options.train.method and leaves a run folder: config.yaml,
/// metrics.csv, TensorBoard events, checkpoints/step_N. RunStart::kResume continues the newest
/// checkpoint in `run` bit for bit. `on_progress` may be empty; it is called after the first step,
/// every options.train.log_every steps, and between them once a second.
///
/// `evaluator` measures the policy every options.evaluate.every steps; without one nothing does.
///
/// Throws std::invalid_argument for options that do not fit the data or the run to go on with, and
/// when another process trains in `run`; std::runtime_error when a file cannot be written,
/// max_bad_steps is reached or no step counted; ClaimLost, with nothing written after that, when
/// another process took the run over; StoppedBySignal after a signal, with the step done and a
/// checkpoint made.
TrainingResult Train(const RunOptions& options, const EpisodeSet& set, const std::string& run,
                     RunStart start,
                     const std::function<void(const TrainingProgress&)>& on_progress,
                     StepEvaluator* evaluator = nullptr);

}  // namespace longplay
