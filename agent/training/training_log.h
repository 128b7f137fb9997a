// SPDX-License-Identifier: MIT
#pragma once

#include <cmath>
#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "agent/config/run_options.h"
#include "agent/training/log_window.h"
#include "agent/training/metrics_log.h"
#include "agent/training/training_session.h"
#include "agent/training/training_step.h"

namespace longplay {

/// Counts steps whose loss or gradient is not finite: they change no weight, and all the rest goes
/// on, until there are too many in a row.
struct SkippedSteps {
  int64_t all = 0, in_a_row = 0;  // of the whole run, however often it was interrupted

  /// Throws std::runtime_error when step `step` was one too many.
  void Count(bool counts, int64_t step, const TrainOptions& options);
};

/// What is told of a training: a row of metrics.csv every log_every steps, and between them to the
/// caller, once a second, what the row would be. It goes on from a checkpoint's log, so that a run
/// that was interrupted writes the rows of one that was not.
class TrainingLog {
 public:
  using OnProgress = std::function<void(const TrainingProgress&)>;

  /// Behind the step that the session stands at. With an empty `run` nothing is written: another rank
  /// does. `measured` names the evaluator's columns. Session,
  /// options and on_progress (which may be empty) must outlive it.
  TrainingLog(const std::string& run, const RunOptions& options, TrainingSession& session,
              std::vector<std::string> measured, const OnProgress& on_progress);

  /// Step `step` is done, and saw so many tokens. Throws as SkippedSteps::Count.
  void Count(int64_t step, const std::vector<std::optional<UpdateResult>>& updates, int64_t tokens);
  /// What the evaluator gave, for the next row.
  void SetMeasured(std::vector<double> values) { state_.measured = std::move(values); }
  /// Writes and tells what is due after step `step`.
  ///   waited  [s] for data, since the process began to train
  void Tell(int64_t step, double waited);

  /// For a checkpoint.
  nlohmann::json ToJson() const;

  double loss() const { return state_.loss; }             // of the last row
  int64_t skipped() const { return state_.skipped.all; }  // of the whole run
  double tokens_per_second() const {                      // of this process
    return static_cast<double>(tokens_) / SecondsSince(started_);
  }

 private:
  /// What it knows between two rows.
  struct State {
    LogWindow window = {};
    SkippedSteps skipped = {};
    double loss = std::nan("");         // of the last row
    std::vector<double> measured = {};  // by the evaluator, since the last row
  };
  static State FromJson(const nlohmann::json& json);
  TrainingProgress Row(int64_t step, double waited);

  const TrainOptions& train_;
  Learner& learner_;
  const OnProgress& on_progress_;
  std::vector<std::string> measured_;  // columns
  int64_t first_;                      // step that this process went on from
  std::optional<MetricsLog> metrics_;
  State state_;
  int64_t tokens_ = 0;
  double waited_ = 0;  // [s] for data, up to the last row
  TrainingClock::time_point started_ = TrainingClock::now();
  // When the caller heard last; long ago: the first step is told at once.
  TrainingClock::time_point heard_ = started_ - std::chrono::hours(1);
};

}  // namespace longplay
