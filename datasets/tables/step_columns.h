// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "datasets/episode.h"
#include "datasets/tables/step_table.h"

namespace longplay {

/// What a table's columns are, as far as a user says it. Empty = by their names (step_names.h);
/// "none" = there is none, whatever the names say.
struct TableOptions {
  // Names of columns, in this order; "q*" stands for all that begin with q, in the file's order.
  std::vector<std::string> observations, actions, next_observations;
  std::string rewards;
  std::string terminals, timeouts;  // flags in an episode's last row
  std::string episodes;             // a name or number that changes with the episode
  std::string group;    // of whose rows an episode consists: robot, environment; never guessed
  std::string counter;  // of steps, which ascends in an episode
  std::optional<ActionKind> action_kind;  // unset: one column of whole numbers from 0 is discrete
  // Ends stand in a trajectory's last state, whose action means nothing (OGBench); unset: arrays are
  // read so where nothing speaks against it (episode_rows.h).
  std::optional<bool> states;
  std::string environment;  // id of the task; "" = not known
};

/// Which columns of a table are what; they live as long as the table. nullptr = none.
struct StepColumns {
  std::vector<const TableColumn*> observations, actions;
  std::vector<const TableColumn*> next_observations;  // as many as observations, or none
  const TableColumn* rewards = nullptr;
  const TableColumn* terminals = nullptr;
  const TableColumn* timeouts = nullptr;
  const TableColumn* episodes = nullptr;
  const TableColumn* group = nullptr;
  const TableColumn* counter = nullptr;
  const TableColumn* robot = nullptr;  // not asked for, but by its name what `group` may mean

  std::vector<std::string> guessed;   // "actions = ax, ay": by their names alone
  std::vector<std::string> left_out;  // names of all other columns
};

/// Throws DataError for a column that is not there, for steps without observations or actions, and
/// for cells of numbers that hold texts.
StepColumns ChooseColumns(const StepTable& table, const TableOptions& options);

}  // namespace longplay
