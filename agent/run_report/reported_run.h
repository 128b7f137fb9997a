// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "agent/comparison/run_metrics.h"
#include "agent/config/run_options.h"

namespace longplay {

/// What was measured of a trained policy.
struct MeasuredPlay {
  std::string environment;                   // empty: actions were predicted, values are errors
  std::vector<std::vector<double>> returns;  // [S][E], or errors; NaN where there is none
  size_t scored_episode = 0;                 // from 1: the last one within training
  bool episodes_apart = false;               // each is played as if it were the first
  std::string file;                          // that holds it

  bool plays() const { return !environment.empty(); }
  size_t episodes() const { return returns.front().size(); }
};

/// What a run's folder tells of it.
struct ReportedRun {
  std::string folder, name;
  RunOptions options;  // `evaluate` as the policy was played, where it was
  std::string data_hash;
  int64_t steps = 0;  // optimiser steps of the newest checkpoint
  RunMetrics metrics;
  std::optional<MeasuredPlay> play = {};
  std::vector<std::string> videos = {};  // paths of mp4 files in its folder, by name
};

/// The run folders that `paths` name: a run stands for itself, a folder of `longplay compare` for
/// its runs that have begun. Each is named once, by its folder or its row, and as much of its path
/// as tells it from the others.
///
/// Values are those of evaluation.json or of the newest result in evaluations/ that is of this run
/// alone. Throws std::invalid_argument for a path that is neither or holds no run,
/// std::runtime_error when a file of a run is damaged.
std::vector<ReportedRun> ReadReportedRuns(const std::vector<std::string>& paths);

/// The mean of one of its episodes over the contexts that have it, from 1; NaN without any.
double MeanOfEpisode(const MeasuredPlay& play, size_t episode);

/// The values of that episode, one for each context that has it.
std::vector<double> ValuesOfEpisode(const MeasuredPlay& play, size_t episode);

}  // namespace longplay
