// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <string>

#include "agent/config/run_options.h"
#include "agent/ranks/process_group.h"
#include "agent/runs/run_folder.h"
#include "agent/training/step_evaluator.h"
#include "agent/training/training_progress.h"
#include "datasets/store/episode_set.h"

namespace longplay {

/// Who else has to do with a training.
struct BesideTraining {
  BesideTraining(StepEvaluator* own_evaluator = nullptr, ProcessGroup* own_group = nullptr)
      : evaluator(own_evaluator), group(own_group) {}
  StepEvaluator* evaluator;  // measures the policy every options.evaluate.every steps; may be null
  ProcessGroup* group;       // the other ranks; null = there are none
};

/// Trains options.train.steps steps by options.train.method and leaves a run folder: config.yaml,
/// metrics.csv, TensorBoard events, checkpoints/step_N. RunStart::kResume continues the newest
/// checkpoint in `run` bit for bit. `on_progress` may be empty; it is called after the first step,
/// every options.train.log_every steps, and between them once a second.
///
/// Of several ranks every one calls it with the same options and data. Rank 0 alone writes, reads
/// what a run goes on from, evaluates and tells of progress.
///
/// Throws std::invalid_argument for options that do not fit the data or the run to go on with, and
/// when another process trains in `run`, or a step has fewer chains than there are ranks; std::runtime_error when a file cannot be written,
/// max_bad_steps is reached or no step counted; ClaimLost, with nothing written after that, when
/// another process took the run over; StoppedBySignal after a signal, with the step done and a
/// checkpoint made.
TrainingResult Train(const RunOptions& options, const EpisodeSet& set, const std::string& run,
                     RunStart start,
                     const std::function<void(const TrainingProgress&)>& on_progress,
                     const BesideTraining& beside = {});

}  // namespace longplay
