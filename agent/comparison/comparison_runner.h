// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "agent/comparison/comparison_plan.h"
#include "agent/comparison/comparison_run.h"

namespace longplay {

/// The state of every run of the plan below `out`.
std::vector<RunState> StatesOf(const ComparisonPlan& plan, const std::string& out);

struct ComparisonObserver {
  /// After every run that is done, and at the start, with those of before.
  std::function<void(const Comparison&)> on_change;
  /// While a run trains; may throw, which ends the comparison as a kill would.
  std::function<void(const TrainingProgress&)> on_training;
};

/// What becomes of a run of another configuration that stands where one of this comparison belongs.
enum class AnotherRun { kRefused, kReplaced };

/// Makes the runs that are not done yet, each in a folder below `out`, and fills in their outcomes;
/// progress goes to stderr, with the time expected in all after the first measurements.
/// `out`/comparison.json says what is compared, so that the report can be made again without
/// configuration or data.
///
/// Several processes may work on one comparison, started with the same arguments: each takes the
/// next run that is neither done nor claimed (files in `out`/claims), and all return when all runs
/// are done. A run that another process took over, because this one was silent for a minute, is left
/// to it with a note.
///
/// Throws std::invalid_argument before anything is done when a folder holds another run, unless it
/// is to be replaced; StoppedBySignal between two steps or episodes after a signal.
void RunComparison(ComparisonPlan& plan, const std::string& out, const ComparisonObserver& observer,
                   AnotherRun another = AnotherRun::kRefused);

/// Trains what is not trained yet and plays nothing: RunComparison, on this machine or another,
/// does the rest with the same `out`. Runs that other processes have claimed are left to them.
void TrainComparison(const ComparisonPlan& plan, const std::string& out,
                     AnotherRun another = AnotherRun::kRefused);

/// A comparison from its folder, with the outcomes of all runs that are done.
/// Throws std::runtime_error when there is none.
Comparison LoadResults(const std::string& out);

}  // namespace longplay
