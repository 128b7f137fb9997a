// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "agent/comparison/row_config.h"
#include "agent/scores/return_reference.h"

namespace longplay {

/// What a run was made on.
struct RunMachine {
  std::string processor, device;  // device: of training
  int64_t threads = 0;

  std::string text() const;  // "Xeon ..., cpu, 1 thread"; empty if not known
};

/// What was measured while a run trained (TrainingEvaluation): values by optimiser step.
struct TrainingCurve {
  std::vector<double> steps, values;
};

/// What one training run of a comparison gave.
struct RunOutcome {
  std::vector<double> steps, losses;  // rows of metrics.csv: optimiser steps, mean losses
  std::map<std::string, TrainingCurve> measured = {};  // by column; empty without evaluate.every
  int64_t parameters = 0;
  double train_seconds = 0, tokens_per_second = 0;
  int64_t peak_bytes = 0;  // of tensors while training, above what was there before

  std::vector<std::vector<double>> returns;  // [S][E] of the last checkpoint; empty = no simulator
  int64_t diverged = 0;                      // episodes ended by a diverging simulation
  std::vector<std::string> notes = {};       // what of it is beyond training (RangeNotes)
  std::optional<ReturnReference> reference;  // for normalised scores
  // Without a simulator: held-out action errors, [chains][E]; NaN where no action was asked for.
  std::vector<std::vector<double>> errors;

  double milliseconds_per_action = 0;  // one chain, with `action_context` in its context
  int64_t action_context = 0;          // [time steps]
  int64_t state_bytes = 0;             // what one chain remembers there

  RunMachine machine = {};
  std::string date = {};  // when it was done: "2026-01-31 23:59", UTC
};

nlohmann::json ToJson(const RunOutcome& outcome);
/// Throws std::runtime_error, naming `path`, when something is missing.
RunOutcome OutcomeFromJson(const nlohmann::json& json, const std::string& path);

struct ComparedRow {
  std::string name, line;
  std::vector<std::pair<std::string, std::string>> settings = {};  // key, value as YAML
  // Values of all keys that are not the same for all rows, on the first task; the same keys in each.
  std::vector<std::pair<std::string, std::string>> values = {};
  bool in_grid = true;
};

struct ComparedTask {
  std::string name, environment, data;  // environment empty: no simulator
  std::string about = {};               // paragraphs for the report
  // Beside the returns in charts: what an oracle earns, by its name.
  std::vector<std::pair<std::string, double>> levels = {};
  std::string data_hash;
  int64_t episodes = 0, steps = 0;                        // in the data
  double mean_return = 0, best_return = 0;                // of the data's episodes
  int64_t evaluation_seeds = 0, evaluation_episodes = 0;  // S and E
};

/// What makes two runs the same.
struct RunHashes {
  std::string training;    // of policy, schedule and data: others are trained again
  std::string evaluation;  // of how policies are played: others are played again
  bool operator==(const RunHashes&) const = default;
};

/// One training run; it counts for every budget that it meets.
struct ComparedRun {
  size_t row = 0, task = 0;  // indices into the comparison's
  uint64_t seed = 0;
  std::vector<Budget> budgets;
  int64_t steps = 0;             // optimiser steps
  double tokens = 0;             // expected to be seen in them
  int64_t context_episodes = 0;  // of a training chain
  int64_t scored_episode = 0;    // from 1, of those played; later ones are beyond training
  bool episodes_apart = false;   // each is played as if it were the first
  double context_steps = 0;      // [time steps] of a training chain, on average
  std::string folder;            // below the comparison's
  RunHashes hashes;
  std::optional<RunOutcome> outcome = {};  // once it is done
};

/// Rows x tasks x seeds x budgets, with what is known of them: everything a report needs.
struct Comparison {
  std::string title, command = {};
  nlohmann::json versions;
  std::vector<ComparedRow> rows = {};
  std::vector<ComparedTask> tasks = {};
  std::vector<Budget> budgets;
  std::vector<uint64_t> seeds = {};
  size_t reference = 0;
  std::vector<ComparedRun> runs = {};  // in the order in which they are made
};

/// Without outcomes, which each run's folder holds.
nlohmann::json ToJson(const Comparison& comparison);
/// Throws std::runtime_error, naming `path`, when something is missing.
Comparison ComparisonFromJson(const nlohmann::json& json, const std::string& path);

/// The run of `row` on `task` from the seed number `seed` that counts for `budget`; there is one.
const ComparedRun& FindRun(const Comparison& comparison, size_t row, size_t task, size_t seed,
                           Budget budget);

}  // namespace longplay
