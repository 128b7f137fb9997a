// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "agent/comparison/comparison.h"
#include "agent/scores/statistics.h"

namespace longplay {

/// One way of being equal: budgets whose runs are the same are one.
struct BudgetView {
  Budget budget = Budget::kSteps;
  std::string name;  // "equal gradient steps", "equal tokens", "equal gradient steps and tokens"
};
std::vector<BudgetView> ViewsOf(const Comparison& comparison);

/// What was measured of a policy after training, by episode in context: returns, or, without a
/// simulator, held-out action errors (then less is better).
///
/// Intervals resample training runs where the comparison has several seeds, else the evaluation
/// seeds of the one run. Episodes after `scored_episode` are beyond what the row was trained on, and
/// count for `by_episode` and `beyond` alone.
struct PlaySummary {
  std::vector<Estimate> by_episode = {};  // [E]
  size_t scored_episode = 0;              // from 1
  Estimate first, last, mean;             // last: of the scored one
  Estimate best;  // of the episodes of one context: largest return, or least error
  std::optional<Estimate> beyond = {};  // the last one played, where that is beyond training
  // Against the reference row, in `last`; nothing for the reference itself.
  std::optional<Estimate> difference = {};   // paired by seed
  std::optional<Estimate> improvement = {};  // probability that a run of this row is the better
                                             // one; of kFewestForInterval runs or more
};

/// What was measured while a row's runs trained, over those runs.
struct MeasuredCurve {
  std::vector<double> steps = {};
  std::vector<Estimate> values = {};
};

/// A row of the report, from the runs that are done.
struct RowSummary {
  size_t row = 0, task = 0;
  int64_t runs = 0;  // training runs
  int64_t steps = 0;
  double tokens = 0;
  int64_t context_episodes = 0;
  bool episodes_apart = false;  // as ComparedRun has it
  double context_steps = 0;
  std::optional<PlaySummary> play = {};        // in the task's own units
  std::optional<PlaySummary> normalised = {};  // 0 to 100, where the task has references

  std::vector<double> curve_steps = {}, curve_losses = {};  // training: mean over runs
  std::map<std::string, MeasuredCurve> measured = {};       // see RunOutcome
  int64_t parameters = 0;
  double train_seconds = 0, tokens_per_second = 0;              // means over runs
  double milliseconds_per_action = 0;                           // the least over runs
  int64_t peak_bytes = 0, action_context = 0, state_bytes = 0;  // largest of them
};
RowSummary Summarise(const Comparison& comparison, size_t row, size_t task, Budget budget);

/// A row over all tasks: scores of 0 to 100, so that tasks weigh alike.
struct OverallSummary {
  Estimate interquartile_mean;               // of the scored episodes of all runs
  std::optional<Estimate> difference = {};   // of it to the reference's, paired by task and seed
  std::optional<Estimate> improvement = {};  // probability, mean over tasks
};
/// Nothing until every task has a run of the row (and, for comparing, of the reference).
std::optional<OverallSummary> SummariseOverall(const Comparison& comparison, size_t row,
                                               Budget budget);

/// Its name, or where it is played, or its data.
std::string TaskName(const ComparedTask& task);

/// How the intervals are made, in a sentence.
std::string IntervalNote(const Comparison& comparison);

/// Everything as one JSON value per row, task and budget.
nlohmann::json RowsToJson(const Comparison& comparison);

}  // namespace longplay
