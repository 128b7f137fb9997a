// SPDX-License-Identifier: MIT
#include "agent/training/train.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <utility>
#include <vector>

#include "agent/batches/batch_loader.h"
#include "agent/batches/training_tokens.h"
#include "agent/notes.h"
#include "agent/runs/run_claim.h"
#include "agent/stop_signal.h"
#include "agent/training/fit_to_data.h"
#include "agent/training/log_window.h"
#include "agent/training/metrics_log.h"
#include "agent/training/training_session.h"
#include "agent/training/training_step.h"

namespace longplay {
namespace {

/// [time steps] of the real ones, padding aside.
int64_t RealSteps(const std::vector<Batch>& passes) {
  int64_t steps = 0;
  for (const Batch& pass : passes) steps += std::ranges::count(pass.valid, 1);
  return steps;
}

/// Counts steps that did not: a loss or gradient that is not finite changes no weight, and all the
/// rest goes on, until there are too many in a row.
struct SkippedSteps {
  int64_t all = 0, in_a_row = 0;  // of the whole run, however often it was interrupted

  void Count(bool counts, int64_t step, const TrainOptions& options) {
    all += counts ? 0 : 1;
    in_a_row = counts ? 0 : in_a_row + 1;
    if (in_a_row < options.max_bad_steps) return;
    throw std::runtime_error("training: step " + std::to_string(step) +
                             ": expected finite losses, got " + std::to_string(in_a_row) +
                             " in a row that are not; the last checkpoint is kept");
  }
};

StoppedBySignal Stopped(const std::string& signal, int64_t step, int64_t steps,
                        const std::string& run) {
  return {"stopped by " + signal + " after step " + std::to_string(step) + " of " +
              std::to_string(steps) + ", everything is saved in " + run,
          "longplay train --resume " + run};
}

constexpr double kSilence = 1;  // [s] after which a caller hears from a training again

/// What the log knows between two rows; in a checkpoint, so that a run that goes on writes the rows
/// of an uninterrupted one.
struct LogState {
  LogWindow window = {};
  SkippedSteps skipped = {};
  double loss = std::nan("");         // of the last row
  std::vector<double> measured = {};  // by the evaluator, since the last row

  /// Not numbers where nothing was measured.
  void AppendMeasured(const std::vector<std::string>& columns, TrainingProgress& row) const {
    for (size_t i = 0; i < columns.size(); ++i) {
      row.more.emplace_back(columns[i], i < measured.size() ? measured[i] : std::nan(""));
    }
  }

  nlohmann::json ToJson() const {
    return {{"window", window.ToJson()},
            {"skipped", skipped.all},
            {"skipped_in_a_row", skipped.in_a_row},
            {"loss", loss},
            {"measured", measured}};
  }
  /// From null: nothing has happened yet.
  static LogState FromJson(const nlohmann::json& json) {
    if (json.is_null()) return {};
    const auto& loss = json.at("loss");
    return {.window = LogWindow::FromJson(json.at("window")),
            .skipped = {.all = json.at("skipped"), .in_a_row = json.at("skipped_in_a_row")},
            .loss = loss.is_null() ? std::nan("") : loss.get<double>(),
            .measured = json.value("measured", std::vector<double>())};
  }
};

}  // namespace

TrainingResult Train(const RunOptions& options, const EpisodeSet& set, const std::string& run,
                     RunStart start,
                     const std::function<void(const TrainingProgress&)>& on_progress,
                     StepEvaluator* evaluator) {
  // Phase 1: what the data decide, then the claim: without it nothing else is written.
  const RunOptions fitted = FitToData(options, set);
  const TrainOptions& train = fitted.train;
  const RunClaim claim = RunClaim::Take(ClaimFile(run), "training", run);
  PrepareRun(run, start);
  std::vector<std::string> notes;
  TrainingSession session(fitted, set, run, start, notes);
  PrintNotes(notes);
  WriteRunConfig(run, fitted);
  // Phase 2: batches, and the log, which goes on behind the step that the session is at.
  Learner& learner = session.learner();
  const int64_t first = session.step();
  const std::vector<std::string> columns = learner.columns();
  const int64_t tokens_per_time_step = TokensPerTimeStep(fitted);
  const auto source = learner.MakeSource(set, session.record().normalizer);
  std::vector<std::string> all_columns = columns;
  if (evaluator != nullptr) {
    for (const std::string& name : evaluator->columns()) all_columns.push_back(name);
  }
  MetricsLog metrics(run, session.step(), all_columns);
  TrainingResult result{.run = run, .parameters = learner.parameters()};
  const auto started = TrainingClock::now();
  // Heard of long ago: the first step is told at once.
  auto saved = started, heard = started - std::chrono::hours(1);
  LogState log = LogState::FromJson(session.log());
  int64_t tokens = 0;
  double waited = 0;  // [s] for data, up to the last row of the log
  // Rounded up: a pass that asks for less than a time step still gets whole chains.
  const int64_t steps_per_pass =
      (train.tokens_per_pass + tokens_per_time_step - 1) / tokens_per_time_step;
  BatchLoader loader(*source, steps_per_pass, session.random());

  for (int64_t step = session.step() + 1; step <= train.steps; ++step) {
    // Draw, loss, backward, update; then the session stands behind this step.
    LoadedStep loaded = loader.Next();
    const auto updates =
        TakeStep(learner, step,
                 ToTrainingBatches(loaded.passes, train.seed, step, learner.tensor_options()));
    session.Advance(step, loaded.random);

    // Figures of every update that counts; sizes of the step by its first one.
    for (const auto& update : updates) {
      if (update) log.window.Add(*update);
    }
    if (updates.front()) {
      const int64_t seen = RealSteps(loaded.passes) * tokens_per_time_step;
      log.window.AddStep(updates.front()->gradient_norm, seen);
      tokens += seen;
    }
    // Updates end at the first that does not count, so the last tells of the whole step.
    log.skipped.Count(updates.back().has_value(), step, train);
    loader.Recycle(std::move(loaded.passes));

    const bool last = step == train.steps;
    if (evaluator != nullptr && (step % fitted.evaluate.every == 0 || last)) {
      log.measured = evaluator->Measure(learner.weights(), session.record());
    }
    // A row of the log every log_every steps; between them the caller hears what it would be.
    const bool logs = step % train.log_every == 0 || last;
    if (logs || SecondsSince(heard) >= kSilence) {
      TrainingProgress row = log.window.Row(columns);
      row.step = step;
      row.steps = train.steps;
      row.first = first;
      row.learning_rate = learner.Updates(step).front().learning_rate;
      row.wait_share = (loader.waited() - waited) / log.window.seconds();
      row.skipped = log.skipped.all;
      if (evaluator != nullptr) log.AppendMeasured(evaluator->columns(), row);
      if (logs) {
        waited = loader.waited();
        log.loss = row.loss;
        metrics.Write(row);
        log.window = {};
        log.measured.clear();
      }
      if (on_progress) on_progress(row);
      heard = TrainingClock::now();
    }

    // A signal saves the step that is done; checkpoints by time bound what a crash costs.
    const std::string stop = StopSignal();
    const bool long_ago =
        train.checkpoint_minutes > 0 && SecondsSince(saved) >= 60 * train.checkpoint_minutes;
    if (step % train.checkpoint_every == 0 || last || long_ago || !stop.empty()) {
      session.Save(run, log.ToJson());
      DeleteOldCheckpoints(run, train.keep_checkpoints);
      saved = TrainingClock::now();
    }
    if (!stop.empty() && !last) {
      throw Stopped(stop, step, train.steps, run);
    }
  }
  // No step counted: nothing was trained.
  if (log.skipped.all >= train.steps) {
    throw std::runtime_error(
        "training: " + run + ": expected a finite loss in some step, got none in " +
        std::to_string(train.steps) + "; `longplay data validate` looks at the data");
  }
  result.steps = session.step();
  result.loss = log.loss;
  result.skipped = log.skipped.all;
  result.tokens_per_second = static_cast<double>(tokens) / SecondsSince(started);
  return result;
}

}  // namespace longplay
