// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

namespace longplay {

// What a comparison varies, rows by tasks, and what it holds equal.

/// What is held equal between the rows of a comparison: optimiser steps, or tokens seen in
/// training.
enum class Budget { kSteps, kTokens };

/// "steps" or "tokens".
inline const char* BudgetName(Budget budget) {
  return budget == Budget::kSteps ? "steps" : "tokens";
}

/// One key of the configuration and its value.
struct Setting {
  std::string key;    // "chain.episodes"
  std::string value;  // as YAML on one line
  std::string place;  // "<file>:<line>", for messages
};

/// One policy of a comparison: the base with some keys set.
struct RowConfig {
  std::string name;  // in the report; unique
  std::string line;  // grid rows: the settings beside those of the context length; may be empty
  std::vector<Setting> settings;
  bool in_grid = true;  // false = a variant beside the grid
};

/// One data set, and the environment that policies trained on it play in.
struct TaskConfig {
  std::string name;  // unique; empty if there is one alone without a name
  std::vector<Setting> settings;
  std::string about = {};             // paragraphs for the report
  std::vector<std::string> held_out;  // data files for the action error, if there is no simulator
};

}  // namespace longplay
