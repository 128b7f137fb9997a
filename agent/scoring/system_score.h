// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "agent/scores/return_reference.h"
#include "agent/scores/statistics.h"
#include "agent/scoring/played_returns.h"

namespace longplay {

/// Measures after n = 1, 2 ... episodes, each the mean over units: training runs, each worth the mean
/// of its contexts, where the table names them; otherwise seeds.
struct TrialCurves {
  std::vector<Estimate> last;  // return of episode n: the curve by index in the context
  std::vector<Estimate> best;  // largest return of the first n: n tries, the best one kept
  std::vector<Estimate> mean;  // mean of the first n: what a trial earns where n are all there are
};

/// One system on one task.
struct TaskScore {
  std::string system, task;
  size_t runs = 0, contexts = 0;  // runs: 0 = the table names none
  TrialCurves curves;
  std::optional<Estimate> control;  // return of the last episode after another task's episodes
  std::optional<Estimate> gained;   // last less control, paired by unit: learned in context
  /// Return of episode n less the reference system's best of n tries, as far as both go; paired where
  /// both have the same units, otherwise without bounds. Empty for tasks that the reference has not.
  std::vector<Estimate> less_reference;
  std::vector<double> last_by_unit;  // for aggregates over tasks
  /// Where trainings are named: the expected return of the last episode if n = 1, 2 ... of them are
  /// tried and the best is kept (ExpectedBest); empty otherwise.
  std::vector<double> best_of_runs;
};

/// A system over all tasks, in normalised units: 0 and 1 are the two reference returns of a task.
struct AggregateScore {
  std::string system;
  Estimate interquartile_mean, mean, median, optimality_gap;
  std::optional<Estimate> improvement;  // probability over the reference system; none of itself
  std::vector<Estimate> profile;        // share of units above each of SystemScores::thresholds
};

struct SystemScores {
  std::vector<PlayedSystem> played;
  size_t reference = 0;  // index into `played`
  std::vector<TaskScore> tasks;
  std::vector<AggregateScore> aggregates;  // empty where a task has no reference returns
  std::vector<double> thresholds;
  std::string why_no_aggregates;  // what would give them; empty where they are there
  std::string resampled;          // what intervals resample
};

struct ScoringOptions {
  std::string reference;  // the system whose tries others are compared with; empty = the first
  /// Returns worth 0 and 1 by task; D4RL's are known for its environments.
  std::map<std::string, ReturnReference> references;
};

/// The expected largest of n values drawn at random from `values`, with replacement: what a budget of
/// n evaluations yields. Source: expected online performance, arXiv 2110.04156, section 4.
double ExpectedBest(std::vector<double> values, size_t n);

/// Throws std::invalid_argument for a reference that is none of the systems.
SystemScores ScoreSystems(std::vector<PlayedSystem> systems, const ScoringOptions& options);

/// {reference, interval, rows [{system, task, runs, contexts, episodes, first, last, mean, best,
/// control, gained, by_episode, best_of, mean_of, less_reference, best_of_runs}], aggregates}.
nlohmann::json ToJson(const SystemScores& scores);

/// "system,task,n,measure,mean,low,high": every curve as rows.
std::string SystemScoresCsv(const SystemScores& scores);

}  // namespace longplay
