// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "agent/comparison/comparison.h"
#include "agent/scores/return_reference.h"

namespace longplay {

/// The runs of a row on a task that are done, at most one of each seed.
std::vector<const ComparedRun*> DoneRuns(const Comparison& comparison, size_t row, size_t task,
                                         Budget budget);

/// The runs of two rows from those seeds from which both are done, in the same order.
using RunPairs = std::pair<std::vector<const ComparedRun*>, std::vector<const ComparedRun*>>;
RunPairs PairedRuns(const Comparison& comparison, size_t row, size_t other, size_t task,
                    Budget budget);

/// Whether the task has a simulator: returns are measured, not errors of held-out actions.
inline bool PlaysIn(const ComparedTask& task) { return !task.environment.empty(); }

/// [S][E] returns of a run, or errors of held-out actions.
const std::vector<std::vector<double>>& MeasuredOf(const RunOutcome& outcome);

/// How many of the `played` episodes of a context are within the run's training: the last of them
/// is what it is scored on.
size_t ScoredEpisodes(const ComparedRun& run, size_t played);

/// Reduces the episodes of one context to a number; NaN = none.
using Pick = std::function<double(const std::vector<double>&)>;

/// What a sample consists of: a number for each training run (its mean over evaluation seeds), or,
/// of the only one, its evaluation seeds.
enum class SampleOf { kTrainingRuns, kEvaluationSeeds };
inline SampleOf SampleIn(const Comparison& comparison) {
  return comparison.seeds.size() > 1 ? SampleOf::kTrainingRuns : SampleOf::kEvaluationSeeds;
}

/// `pick` of the episodes within training.
std::vector<double> Samples(const std::vector<const ComparedRun*>& runs, SampleOf sample,
                            const Pick& pick);
/// `pick` of all that were played.
std::vector<double> SamplesOfAll(const std::vector<const ComparedRun*>& runs, SampleOf sample,
                                 const Pick& pick);

/// What two rows are compared by, each the scored episode of its paired runs; one that plays episodes
/// apart is taken at the episode of the other: what the draws of that episode are worth is then the
/// same for both.
std::pair<std::vector<double>, std::vector<double>> PairedSamples(const RunPairs& pairs,
                                                                  SampleOf sample);

/// The episode that a row is scored on, for Samples.
inline double Last(const std::vector<double>& episodes) { return episodes.back(); }

/// What scores 0 and 100 on a task: its own reference, as Evaluate has it, or the mean and the best
/// return in its data.
ReturnReference ScoresOf(const Comparison& comparison, size_t task);

}  // namespace longplay
