// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "datasets/tables/step_columns.h"
#include "datasets/tables/step_table.h"

namespace longplay {

/// Which rows of a table make its episodes.
struct EpisodeRows {
  std::vector<int64_t> order;                  // rows, episode after episode
  std::vector<int64_t> starts;                 // [episodes + 1] in `order`
  std::vector<uint8_t> terminated, truncated;  // [episodes]
  bool states = false;                         // an episode's last row is its last state alone
  std::vector<std::string> notes;              // what was decided that could be otherwise

  int64_t episodes() const { return static_cast<int64_t>(terminated.size()); }
  int64_t rows(int64_t episode) const { return starts[episode + 1] - starts[episode]; }
};

/// Cuts a table into episodes, in the order of their first rows.
///
/// With a column `group` each group's rows are taken together, as if they stood alone. An episode
/// ends where the value of `episodes` changes and in a row with a flag; a flag in the middle of a
/// named episode is refused. Without `episodes` and `timeouts` it also ends where the next
/// observation is not what the next row observes; without any of them where `counter` starts again;
/// otherwise all rows are one. Where `episodes` names an episode that was over, where `counter` does
/// not ascend in an episode, and where a robot changes within one, a DataError names the row and the
/// option that says how it is meant.
///
/// Flags in both columns are both kept. Where "done" is set in every row that is "truncated", it
/// marks ends of both kinds: those rows are truncated.
///
/// `states`: terminals stand in a trajectory's last state, whose action means nothing, and every end
/// is the recording's (OGBench). Unset, arrays are read so where terminals are their only ends and
/// neither rewards nor next observations are there.
EpisodeRows CutEpisodes(const StepTable& table, const StepColumns& columns,
                        const TableOptions& options);

/// Numbers of several columns side by side, of one row.
void AppendRow(const std::vector<const TableColumn*>& columns, int64_t row,
               std::vector<double>& values);

}  // namespace longplay
