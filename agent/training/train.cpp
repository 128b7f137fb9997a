// SPDX-License-Identifier: MIT
#include "agent/training/train.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <stdexcept>
#include <utility>
#include <vector>

#include "agent/batches/batch_loader.h"
#include "agent/batches/share_steps.h"
#include "agent/batches/training_tokens.h"
#include "agent/files/shell_word.h"
#include "agent/notes.h"
#include "agent/planning/pass_plan.h"
#include "agent/ranks/context_group.h"
#include "agent/runs/run_claim.h"
#include "agent/stop_signal.h"
#include "agent/training/choose_schedule.h"
#include "agent/training/fit_to_data.h"
#include "agent/training/pass_threads.h"
#include "agent/training/rank_agreement.h"
#include "agent/training/training_log.h"
#include "agent/training/training_session.h"
#include "agent/training/training_step.h"

namespace longplay {
namespace {

/// The options as the data and the ranks decide them. Throws where they do not fit.
RunOptions Fit(const RunOptions& options, const EpisodeSet& set, ProcessGroup* group) {
  RunOptions fitted = FitToData(options, set);
  if (group != nullptr) CheckSameTraining(*group, fitted, set.hash());
  CheckContext(group, fitted);
  if (group != nullptr) {
    const auto transitions = EntryOf(fitted.train.method).transitions;
    CheckEnoughChains(group->size() / fitted.parallel.context,
                      transitions ? transitions(fitted.methods) : ChainsPerStep(fitted, set),
                      fitted);
  }
  if (fitted.train.threads == 0) {
    fitted.train.threads = ThreadsOfAll(group, at::get_num_threads());
  }
  return fitted;
}

/// Threads for the passes of this rank, where they are computed side by side.
std::unique_ptr<PassThreads> MakePassThreads(const PassPlan& plan, const RankOf& ranks) {
  if (plan.threads == 0) return nullptr;
  const int64_t own = (plan.threads + ranks.size - 1) / ranks.size;
  return std::make_unique<PassThreads>(std::min<int64_t>(own, at::get_num_threads()));
}

/// Whose chains this rank loads: ranks that share chains load the same.
RankOf RankOfChains(const ProcessGroup* group, const RunOptions& fitted) {
  if (group == nullptr) return {};
  const int64_t context = fitted.parallel.context;
  return {group->rank() / context, group->size() / context};
}

/// The ranks that share chains with this one, where it is not alone.
std::unique_ptr<ContextGroup> MakeContext(ProcessGroup* group, int64_t context) {
  if (context == 1) return nullptr;
  return std::make_unique<ContextGroup>(*group, context);
}

/// Behind the newest checkpoint that is whole, or at the start. Only then the run's configuration is
/// written: what does not fit changes nothing. Ranks that do not write stand where rank 0 does.
TrainingSession OpenSession(const RunOptions& fitted, const EpisodeSet& set, const std::string& run,
                            RunStart start, ProcessGroup* group) {
  const bool writes = group == nullptr || group->rank() == 0;
  if (writes) PrepareRun(run, start);
  std::vector<std::string> notes;
  TrainingSession session(fitted, set, run, writes ? start : RunStart::kFresh, notes);
  PrintNotes(notes);
  if (writes) WriteRunConfig(run, fitted);
  if (group != nullptr) FollowRankZero(*group, session);
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

/// All updates of a step from what was loaded; its tensors are gone afterwards.
std::vector<std::optional<UpdateResult>> TakeLoadedStep(Learner& learner, int64_t step,
                                                        const RunOptions& fitted,
                                                        LoadedStep& loaded, const StepWork& work) {
  auto passes = ToTrainingBatches(loaded.passes, fitted.train.seed, step, learner.tensor_options());
  if (work.context != nullptr) {
    ShareSteps(passes, fitted.model, TokensPerTimeStep(fitted), *work.context);
  }
  return TakeStep(learner, step, {passes, loaded.totals}, work);
}

/// Throws where no step counted.
void CheckSomethingWasTrained(const TrainingLog& log, int64_t steps, const std::string& run) {
  if (log.skipped() < steps) return;
  throw std::runtime_error("training: " + run +
                           ": expected a finite loss in some step, got none in " +
                           std::to_string(steps) + "; `longplay data validate` looks at the data");
}

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
                     const BesideTraining& beside) {
  const auto [evaluator, group] = beside;
  const bool writes = group == nullptr || group->rank() == 0;
  // Phase 1: what the data decide, then the claim: without it nothing else is written.
  const RunOptions asked = Fit(options, set, group);
  std::optional<RunClaim> claim;
  if (writes) claim.emplace(RunClaim::Take(ClaimFile(run), "training", run));
  const RunOptions fitted = ChooseTogether(asked, set, run, start, group);
  const TrainOptions& train = fitted.train;
  TrainingSession session = OpenSession(fitted, set, run, start, group);
  // Phase 2: batches, and the log, which goes on behind the step that the session is at.
  Learner& learner = session.learner();
  const auto source = learner.MakeSource(set, session.record().normalizer);
  TrainingLog log(writes ? run : "", fitted, session,
                  evaluator == nullptr ? std::vector<std::string>() : evaluator->columns(),
                  on_progress);
  CheckpointClock clock(train);
  const PassPlan plan = PlanPasses(fitted, set, learner);
  const RankOf share = RankOfChains(group, fitted);
  BatchLoader loader(*source, plan.limits, session.random(), share);
  const auto pass_threads = MakePassThreads(plan, share);
  const auto context = MakeContext(group, fitted.parallel.context);

  for (int64_t step = session.step() + 1; step <= train.steps; ++step) {
    // Draw, loss, backward, update; then the session stands behind this step.
    LoadedStep loaded = loader.Next();
    const auto updates =
        TakeLoadedStep(learner, step, fitted, loaded, {pass_threads.get(), group, context.get()});
    session.Advance(step, loaded.random);
    log.Count(step, updates, loaded.totals.steps * TokensPerTimeStep(fitted));
    loader.Recycle(std::move(loaded.passes));

    // Evaluate and log. What another process has taken over is its to write.
    const bool last = step == train.steps;
    if (evaluator != nullptr && (step % fitted.evaluate.every == 0 || last)) {
      log.SetMeasured(evaluator->Measure(learner.weights(), session.record()));
    }
    if (claim) claim->Check("training", run);
    log.Tell(step, loader.waited());

    // Checkpoint: a signal saves the step that is done, and ends the run there, on every rank.
    const std::string stop = AgreedSignal(group, StopSignal());
    if (writes && (clock.IsTime(step) || !stop.empty())) {
      session.Save(run, log.ToJson());
      DeleteOldCheckpoints(run, train.keep_checkpoints);
      clock.Saved();
    }
    if (!stop.empty() && !last) throw Stopped(stop, step, train.steps, run);
  }
  CheckSomethingWasTrained(log, train.steps, run);
  return {.run = run,
          .steps = session.step(),
          .loss = log.loss(),
          .tokens_per_second = log.tokens_per_second(),
          .parameters = learner.parameters(),
          .skipped = log.skipped()};
}

}  // namespace longplay
