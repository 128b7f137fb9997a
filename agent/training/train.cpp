// SPDX-License-Identifier: MIT
#include "agent/training/train.h"

#include <algorithm>
#include <stdexcept>
#include <utility>
#include <vector>

#include "agent/batches/batch_loader.h"
#include "agent/batches/training_tokens.h"
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
  int64_t all = 0, in_a_row = 0;

  void Count(bool counts, int64_t step, const TrainOptions& options) {
    all += counts ? 0 : 1;
    in_a_row = counts ? 0 : in_a_row + 1;
    if (in_a_row < options.max_bad_steps) return;
    throw std::runtime_error("training: step " + std::to_string(step) +
                             ": expected finite losses, got " + std::to_string(in_a_row) +
                             " in a row that are not; the last checkpoint is kept");
  }
};

}  // namespace

TrainingResult Train(const RunOptions& options, const EpisodeSet& set, const std::string& run,
                     RunStart start,
                     const std::function<void(const TrainingProgress&)>& on_progress) {
  const RunOptions fitted = FitToData(options, set);
  const TrainOptions& train = fitted.train;
  TrainingSession session(fitted, set, PrepareRun(run, fitted, start));
  Learner& learner = session.learner();
  const std::vector<std::string> columns = learner.columns();
  const int64_t tokens_per_time_step = TokensPerTimeStep(fitted);
  const auto source = learner.MakeSource(set, session.record().normalizer);
  MetricsLog metrics(run, session.step(), columns);
  TrainingResult result{.run = run, .parameters = learner.parameters()};
  const auto started = TrainingClock::now();
  LogWindow window;
  SkippedSteps skipped;
  int64_t tokens = 0;
  double waited = 0;  // [s] for data, up to the last row of the log
  // Rounded up: a pass that asks for less than a time step still gets whole chains.
  const int64_t steps_per_pass =
      (train.tokens_per_pass + tokens_per_time_step - 1) / tokens_per_time_step;
  BatchLoader loader(*source, steps_per_pass, session.random());

  for (int64_t step = session.step() + 1; step <= train.steps; ++step) {
    LoadedStep loaded = loader.Next();
    const auto updates =
        TakeStep(learner, step,
                 ToTrainingBatches(loaded.passes, train.seed, step, learner.tensor_options()));
    session.Advance(step, loaded.random);

    for (const auto& update : updates) {
      if (update) window.Add(*update);
    }
    if (updates.front()) {
      const int64_t seen = RealSteps(loaded.passes) * tokens_per_time_step;
      window.AddStep(updates.front()->gradient_norm, seen);
      tokens += seen;
    }
    skipped.Count(updates.back().has_value(), step, train);
    loader.Recycle(std::move(loaded.passes));

    const bool last = step == train.steps;
    if (step % train.log_every == 0 || last) {
      TrainingProgress row = window.Row(columns);
      row.step = step;
      row.steps = train.steps;
      row.learning_rate = learner.Updates(step).front().learning_rate;
      row.wait_share = (loader.waited() - waited) / window.seconds();
      row.skipped = skipped.all;
      waited = loader.waited();
      result.loss = row.loss;
      metrics.Write(row);
      if (on_progress) on_progress(row);
      window = {};
    }
    if (step % train.checkpoint_every == 0 || last) {
      session.Save(run);
      DeleteOldCheckpoints(run, train.keep_checkpoints);
    }
  }
  result.steps = session.step();
  result.tokens_per_second = static_cast<double>(tokens) / SecondsSince(started);
  return result;
}

}  // namespace longplay
