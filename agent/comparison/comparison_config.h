// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "agent/comparison/row_config.h"
#include "agent/config/run_options.h"

namespace longplay {

/// A file for `longplay compare`: the configuration of a run, and its section `compare`.
struct ComparisonConfig {
  std::string path;
  RunOptions base;
  std::vector<RowConfig> rows;    // at least one
  size_t reference = 0;           // the row that the others are compared with
  std::vector<TaskConfig> tasks;  // at least one
  int64_t seeds = 3;              // training runs of each row, from base.train.seed on
  std::vector<Budget> budgets = {Budget::kSteps, Budget::kTokens};
};

/// Reads a file; `overrides` ("train.steps=20", "compare.seeds=1") come last, but before the
/// settings of tasks and rows. Strict as LoadConfig, with its messages; a grid over nothing, rows
/// or tasks of one name, and keys that a comparison decides itself are refused too.
ComparisonConfig LoadComparison(const std::string& path, const std::vector<std::string>& overrides);

/// The same from YAML text; `path` stands for the file in messages and places `base`.
ComparisonConfig ParseComparison(const std::string& text, const std::string& path,
                                 const std::vector<std::string>& overrides);

/// The configuration of a row on a task, before seed and budget.
/// Throws std::invalid_argument, naming both, when the settings do not go together.
RunOptions OptionsOf(const ComparisonConfig& config, const RowConfig& row, const TaskConfig& task);

}  // namespace longplay
