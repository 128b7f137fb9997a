// SPDX-License-Identifier: MIT
#include "agent/training/train.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

#include "agent/batches/batch_loader.h"
#include "agent/batches/training_tokens.h"
#include "agent/files/shell_word.h"
#include "agent/notes.h"
#include "agent/runs/run_claim.h"
#include "agent/stop_signal.h"
#include "agent/training/fit_to_data.h"
#include "agent/training/pass_plan.h"
#include "agent/training/pass_threads.h"
#include "agent/training/training_log.h"
#include "agent/training/training_session.h"
#include "agent/training/training_step.h"

namespace longplay {
namespace {

/// Tokens of the real time steps, padding aside.
int64_t RealTokens(const std::vector<Batch>& passes, const RunOptions& options) {
  int64_t steps = 0;
  for (const Batch& pass : passes) steps += std::ranges::count(pass.valid, 1);
  return steps * TokensPerTimeStep(options);
}

/// Behind the newest checkpoint that is whole, or at the start. Only then the run's configuration is
/// written: what does not fit changes nothing.
TrainingSession OpenSession(const RunOptions& fitted, const EpisodeSet& set, const std::string& run,
                            RunStart start) {
  PrepareRun(run, start);
  std::vector<std::string> notes;
  TrainingSession session(fitted, set, run, start, notes);
  PrintNotes(notes);
  WriteRunConfig(run, fitted);
  return session;
}

/// When checkpoints are due: every so many steps, at the end, and by time, which bounds what a crash
/// costs.
class CheckpointClock {
 public:
  explicit CheckpointClock(const TrainOptions& options) : options_(options) {}
  bool IsTime(int64_t step) const {
    const double minutes = options_.checkpoint_minutes;
    return step % options_.checkpoint_every == 0 || step == options_.steps ||
           (minutes > 0 && SecondsSince(saved_) >= 60 * minutes);
  }
  void Saved() { saved_ = TrainingClock::now(); }

 private:
  const TrainOptions& options_;
  TrainingClock::time_point saved_ = TrainingClock::now();
};

StoppedBySignal Stopped(const std::string& signal, int64_t step, int64_t steps,
                        const std::string& run) {
  return {"stopped by " + signal + " after step " + std::to_string(step) + " of " +
              std::to_string(steps) + ", everything is saved in " + run,
          ShellCommand({"longplay", "train", "--resume", run})};
}

}  // namespace

TrainingResult Train(const RunOptions& options, const EpisodeSet& set, const std::string& run,
                     RunStart start,
                     const std::function<void(const TrainingProgress&)>& on_progress,
                     StepEvaluator* evaluator) {
  // Phase 1: what the data decide, then the claim: without it nothing else is written.
  RunOptions fitted = FitToData(options, set);
  if (fitted.train.threads == 0) fitted.train.threads = at::get_num_threads();
  const TrainOptions& train = fitted.train;
  const RunClaim claim = RunClaim::Take(ClaimFile(run), "training", run);
  TrainingSession session = OpenSession(fitted, set, run, start);
  // Phase 2: batches, and the log, which goes on behind the step that the session is at.
  Learner& learner = session.learner();
  const auto source = learner.MakeSource(set, session.record().normalizer);
  TrainingLog log(run, fitted, session,
                  evaluator == nullptr ? std::vector<std::string>() : evaluator->columns(),
                  on_progress);
  CheckpointClock clock(train);
  const PassPlan plan = PlanPasses(fitted, set, learner);
  BatchLoader loader(*source, plan.limits, session.random());
  std::optional<PassThreads> pass_threads;
  if (plan.threads > 0)
    pass_threads.emplace(std::min<int64_t>(plan.threads, at::get_num_threads()));

  for (int64_t step = session.step() + 1; step <= train.steps; ++step) {
    // Draw, loss, backward, update; then the session stands behind this step.
    LoadedStep loaded = loader.Next();
    const auto updates = TakeStep(
        learner, step, ToTrainingBatches(loaded.passes, train.seed, step, learner.tensor_options()),
        pass_threads ? &*pass_threads : nullptr);
    session.Advance(step, loaded.random);
    log.Count(step, updates, RealTokens(loaded.passes, fitted));
    loader.Recycle(std::move(loaded.passes));

    // Evaluate and log. What another process has taken over is its to write.
    const bool last = step == train.steps;
    if (evaluator != nullptr && (step % fitted.evaluate.every == 0 || last)) {
      log.SetMeasured(evaluator->Measure(learner.weights(), session.record()));
    }
    claim.Check("training", run);
    log.Tell(step, loader.waited());

    // Checkpoint: a signal saves the step that is done, and ends the run there.
    const std::string stop = StopSignal();
    if (clock.IsTime(step) || !stop.empty()) {
      session.Save(run, log.ToJson());
      DeleteOldCheckpoints(run, train.keep_checkpoints);
      clock.Saved();
    }
    if (!stop.empty() && !last) throw Stopped(stop, step, train.steps, run);
  }
  // No step counted: nothing was trained.
  if (log.skipped() >= train.steps) {
    throw std::runtime_error(
        "training: " + run + ": expected a finite loss in some step, got none in " +
        std::to_string(train.steps) + "; `longplay data validate` looks at the data");
  }
  return {.run = run,
          .steps = session.step(),
          .loss = log.loss(),
          .tokens_per_second = log.tokens_per_second(),
          .parameters = learner.parameters(),
          .skipped = log.skipped()};
}

}  // namespace longplay
