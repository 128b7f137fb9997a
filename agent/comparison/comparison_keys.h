// SPDX-License-Identifier: MIT
#pragma once

namespace longplay {

/// A key of the section `compare`: for messages, and for the reference of all keys.
struct ComparisonKey {
  const char *name, *accepted, *standard, *comment;  // standard: what counts where it is not given
};

inline constexpr ComparisonKey kComparisonKeys[] = {
    {"grid", "keys of a configuration, each with a list of values", "none",
     "every combination of the values is a row"},
    {"variants", "a list of entries with name and set", "none",
     "rows beside the grid; `set` holds the keys of the configuration that a row changes"},
    {"reference", "the name of a row", "the first row",
     "the row that all others are compared with"},
    {"seeds", "an integer from 1 to 1000", "3",
     "training runs of each row, from train.seed on, the same seeds for all rows"},
    {"budgets", "a list of steps, tokens or both", "[steps, tokens]",
     "what is equal for all rows: gradient steps, or tokens seen"},
    {"tasks", "a list of entries with name, data, environment and set", "data.files",
     "data sets with their environments, in place of data.files and evaluate.environment"},
    {"held_out", "a list of file names", "none",
     "data whose actions are predicted, for tasks without a simulator"}};

}  // namespace longplay
