// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "agent/config/run_options.h"
#include "agent/evaluation/evaluation.h"
#include "agent/report/report.h"
#include "agent/training/training_progress.h"
#include "datasets/store/trajectory_set.h"

namespace longplay {

/// One of the policies that a study compares.
struct Variant {
  std::string name;       // as in the report, e.g. "8 episodes in context"
  std::string folder;     // of its run, below the study's
  RunOptions options;     // chain.episodes is its context length
  bool baseline = false;  // behaviour cloning: a level in the charts, not a point on the curve
};

struct VariantResult {
  Variant variant;
  std::vector<double> steps, losses;           // learning curve
  std::optional<TrainingResult> training;      // once it is trained
  std::optional<EvaluationResult> evaluation;  // once it is evaluated
  double train_seconds = 0;
  int64_t peak_bytes = 0;  // of tensors while training, above what was there
};

/// The same task under several context lengths.
struct ContextStudy {
  std::string title;
  std::string data_path;
  DatasetInfo data;
  double data_mean = 0, data_best = 0;
  std::vector<double> history_means;  // mean return by episode index of the learners' histories
  std::optional<Estimate> oracle;     // a controller that sees what is hidden
  std::vector<VariantResult> variants;
};

/// Trains and evaluates the variants one after another, each in `folder`/variant.folder
/// (what an earlier study left there is replaced).
///
/// A policy with one episode in context plays every evaluation episode from an empty context (its
/// tries are independent); the others play all of them in one. Chain seeds, and so hidden
/// parameters and resets, are the same for all. `on_change` is called after each new result and
/// a few times a second while training, with what goes on.
void RunContextStudy(ContextStudy& study, const TrajectorySet& set, const std::string& folder,
                     const std::function<void(const std::string& status)>& on_change);

/// A study of the data in `set` with nothing run yet.
ContextStudy StartContextStudy(const std::string& title, const std::string& data_path,
                               const TrajectorySet& set);

/// Charts and tables of what is there so far.
ReportSection StudySection(const ContextStudy& study);

}  // namespace longplay
