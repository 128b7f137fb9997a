// SPDX-License-Identifier: MIT
#include "agent/comparison/comparison_runner.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <thread>
#include <utility>

#include "agent/comparison/expected_time.h"
#include "agent/files/atomic_write.h"
#include "agent/notes.h"
#include "agent/progress_bar.h"
#include "agent/runs/run_claim.h"
#include "agent/stop_signal.h"

namespace longplay {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kPatience{1};  // between looks at what other processes do

double SecondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

RunWork WorkOf(const ComparisonPlan& plan, size_t run, const std::string& out) {
  const ComparedRun& compared = plan.comparison.runs[run];
  return {.options = plan.options[run],
          .data = plan.data[compared.task],
          .validation = plan.validation[compared.task],
          .held_out = plan.held_out[compared.task],
          .folder = out + "/" + compared.folder,
          .hashes = compared.hashes};
}

void StopIfAsked(const std::string& kept) {
  const std::string stop = StopSignal();
  if (!stop.empty()) throw StoppedBySignal("stopped by " + stop + ", " + kept, "");
}

/// "[3/24] 4 episodes, tokens, seed 1": what stands before the bars of a run.
std::string Label(const Comparison& comparison, size_t index) {
  const ComparedRun& run = comparison.runs[index];
  std::string label = "[";  // not "[" + ...: gcc 12 sees an overflow there that is not (PR 105651)
  label += std::to_string(index + 1) + "/" + std::to_string(comparison.runs.size()) + "] " +
           comparison.rows[run.row].name;
  if (comparison.tasks.size() > 1) label += ", " + comparison.tasks[run.task].name;
  if (run.budgets.size() < comparison.budgets.size()) {
    label += std::string(", equal ") + BudgetName(run.budgets.front());
  }
  if (comparison.seeds.size() > 1) label += ", seed " + std::to_string(run.seed);
  return label;
}

/// Makes one run under the eyes of the user.
class WatchedRun {
 public:
  WatchedRun(ComparisonPlan& plan, size_t index, const std::string& out, ExpectedTime& expected,
             const ComparisonObserver& observer)
      : plan_(&plan),
        index_(index),
        work_(WorkOf(plan, index, out)),
        expected_(&expected),
        observer_(&observer) {}

  /// Throws ClaimLost when another process took over the run, whose claim that is.
  void Perform(bool announce, const RunClaim& claim) {
    announce_ = announce;
    const std::string label = Label(plan_->comparison, index_);
    // One bar for training, and then one for playing.
    auto bar = std::make_unique<ProgressBar>(label + "  train", work_.options.train.steps, "steps");
    const RunObserver watching = {
        .on_training =
            [&](const TrainingProgress& progress) {
              Announce(progress);
              char note[48];
              std::snprintf(note, sizeof note, "loss %.4f", progress.loss);
              bar->GoOnFrom(progress.first);
              bar->Update(progress.step, note);
              if (observer_->on_training) observer_->on_training(progress);
            },
        .on_trained =
            [&] {
              bar->Finish();
              bar = EvaluationBar(label);
              evaluating_ = Clock::now();
            },
        .on_evaluating =
            [&](int64_t done) {
              bar->Update(done);
              claim.Check("comparing", work_.folder);
              StopIfAsked("trained runs are kept, the one that is playing plays again");
            }};
    const RunOutcome outcome = PerformRun(work_, watching);
    // What this run took tells how long the others will.
    expected_->Trained(index_, outcome.train_seconds);
    expected_->Evaluated(index_, SecondsSince(evaluating_));
    expected_->Done(index_);
    plan_->comparison.runs[index_].outcome = outcome;
    const double left = expected_->Left();
    bar->Finish(left > 0 ? "about " + ShownDuration(left) + " left in all" : "");
  }

 private:
  /// Counts episodes; without a simulator chains, in each of which all episodes are predicted at
  /// once.
  std::unique_ptr<ProgressBar> EvaluationBar(const std::string& label) const {
    const EvaluateOptions& evaluate = work_.options.evaluate;
    if (evaluate.environment.empty()) {
      return std::make_unique<ProgressBar>(label + "  predict", evaluate.seeds, "chains");
    }
    return std::make_unique<ProgressBar>(label + "  play ", evaluate.seeds * evaluate.episodes,
                                         "episodes");
  }

  /// The first measurement of all: what the whole will take.
  void Announce(const TrainingProgress& progress) {
    if (!announce_ || progress.steps_per_second <= 0) return;
    announce_ = false;
    expected_->Trained(index_, static_cast<double>(progress.steps) / progress.steps_per_second);
    std::fprintf(stderr,
                 "training will take about %s, by the speed of the first run's first steps\n",
                 ShownDuration(expected_->Left()).c_str());
  }

  ComparisonPlan* plan_;  // not owned, as the two below
  size_t index_;
  RunWork work_;
  ExpectedTime* expected_;
  const ComparisonObserver* observer_;
  Clock::time_point evaluating_;  // when evaluation began
  bool announce_ = false;
};

/// Takes in outcomes of earlier, and of other processes; how many there are that were not known.
size_t ReadOutcomes(ComparisonPlan& plan, const std::string& out, ExpectedTime& expected) {
  size_t found = 0;
  for (size_t i = 0; i < plan.comparison.runs.size(); ++i) {
    ComparedRun& run = plan.comparison.runs[i];
    if (run.outcome) continue;
    run.outcome = ReadOutcome(out + "/" + run.folder, run.hashes);
    if (!run.outcome) continue;
    ++found;
    expected.Trained(i, run.outcome->train_seconds);
    expected.Done(i);
  }
  return found;
}

std::optional<RunClaim> ClaimOf(const std::string& out, size_t run) {
  return RunClaim::Try(out + "/claims/" + std::to_string(run));
}

/// The first run that is neither done nor made by another process.
struct ClaimedRun {
  size_t index;
  RunClaim claim;
};
std::optional<ClaimedRun> ClaimNext(const Comparison& comparison, const std::string& out) {
  for (size_t i = 0; i < comparison.runs.size(); ++i) {
    if (comparison.runs[i].outcome) continue;
    auto claim = ClaimOf(out, i);
    if (claim) return ClaimedRun{i, std::move(*claim)};
  }
  return std::nullopt;
}

void WriteComparison(const Comparison& comparison, const std::string& out) {
  WriteAtomically(out + "/comparison.json", ToJson(comparison).dump(1) + "\n",
                  "writing the comparison");
}

/// Nothing of another configuration stands where a run of this plan belongs.
void ClearTheWay(const ComparisonPlan& plan, const std::string& out, AnotherRun another) {
  for (size_t i = 0; i < plan.options.size(); ++i) {
    const RunWork work = WorkOf(plan, i, out);
    switch (another) {
      case AnotherRun::kRefused:
        RefuseAnotherRun(work);
        break;
      case AnotherRun::kReplaced:
        // Not while another process is at it.
        if (const auto claim = ClaimOf(out, i)) RemoveAnotherRun(work);
        break;
    }
  }
}

/// Does `work` on a run. One that another process took over is left to it, with a note: this process
/// goes on with what nobody has.
void LeaveIfLost(const std::function<void()>& work) {
  try {
    work();
  } catch (const ClaimLost& lost) {
    PrintNote(lost.what());
  }
}

bool AllDone(const Comparison& comparison) {
  return std::ranges::all_of(comparison.runs,
                             [](const ComparedRun& run) { return run.outcome.has_value(); });
}

}  // namespace

std::vector<RunState> StatesOf(const ComparisonPlan& plan, const std::string& out) {
  std::vector<RunState> states;
  for (size_t i = 0; i < plan.options.size(); ++i) states.push_back(StateOf(WorkOf(plan, i, out)));
  return states;
}

void TrainComparison(const ComparisonPlan& plan, const std::string& out, AnotherRun another) {
  ClearTheWay(plan, out, another);
  WriteComparison(plan.comparison, out);
  for (size_t i = 0; i < plan.options.size(); ++i) {
    // Looked at with the claim in hand: another process may have trained it meanwhile.
    const auto claim = ClaimOf(out, i);
    const RunWork work = WorkOf(plan, i, out);
    if (!claim) continue;
    const RunState state = StateOf(work);
    if (state == RunState::kTrained || state == RunState::kDone) continue;
    ProgressBar bar(Label(plan.comparison, i) + "  train", work.options.train.steps, "steps");
    const RunObserver watching = {.on_training =
                                      [&](const TrainingProgress& progress) {
                                        bar.GoOnFrom(progress.first);
                                        bar.Update(progress.step);
                                      },
                                  .on_trained = {},
                                  .on_evaluating = {}};
    LeaveIfLost([&] {
      TrainRun(work, watching);
      bar.Finish();
    });
  }
}

void RunComparison(ComparisonPlan& plan, const std::string& out, const ComparisonObserver& observer,
                   AnotherRun another) {
  // Phase 1: no run of another configuration is in the way, and what is done counts.
  ClearTheWay(plan, out, another);
  Comparison& comparison = plan.comparison;
  WriteComparison(comparison, out);
  ExpectedTime expected(comparison);
  const size_t done = ReadOutcomes(plan, out, expected);
  std::fprintf(stderr, "%zu runs: %zu rows, %zu seeds%s%s\n", comparison.runs.size(),
               comparison.rows.size(), comparison.seeds.size(),
               comparison.tasks.size() > 1
                   ? (", " + std::to_string(comparison.tasks.size()) + " tasks").c_str()
                   : "",
               done > 0 ? ("; " + std::to_string(done) + " done before").c_str() : "");
  if (observer.on_change) observer.on_change(comparison);
  // Phase 2: one run after the other until all are done, here or by other processes.
  bool announce = true;
  while (!AllDone(comparison)) {
    StopIfAsked("all runs are kept");
    const std::optional<ClaimedRun> next = ClaimNext(comparison, out);
    if (!next) std::this_thread::sleep_for(kPatience);
    // What was done meanwhile: also by who had the claim before.
    bool changed = ReadOutcomes(plan, out, expected) > 0;
    if (next && !comparison.runs[next->index].outcome) {
      LeaveIfLost([&] {
        WatchedRun(plan, next->index, out, expected, observer).Perform(announce, next->claim);
      });
      announce = false;
      changed = true;
    }
    if (changed && observer.on_change) observer.on_change(comparison);
  }
}

Comparison LoadResults(const std::string& out) {
  const std::string path = out + "/comparison.json";
  std::ifstream file(path);
  if (!file) {
    throw std::runtime_error("reading results: " + path +
                             ": expected the file that `longplay compare` writes, got none: there "
                             "is no such file");
  }
  Comparison comparison = ComparisonFromJson(nlohmann::json::parse(file, nullptr, false), path);
  // A result of another configuration than the comparison's is none.
  for (ComparedRun& run : comparison.runs) {
    run.outcome = ReadOutcome(out + "/" + run.folder, run.hashes);
  }
  return comparison;
}

}  // namespace longplay
