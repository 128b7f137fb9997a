// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace longplay {

struct RelabelOptions {
  std::string in, out;      // `out` *.hdf5: D4RL's layout; else a Minari folder
  std::string environment;  // id or task file
  int threads = 0;          // 0 = one per logical CPU
};

struct RelabelResult {
  int64_t episodes = 0, steps = 0;
  bool found = false;  // the result of an earlier run from the same files was there
};

/// Writes a data set with the rewards of another task, recomputed from recorded physics states.
/// Where the state after every step is recorded and the task judges states (dm_control's, ExoRL's,
/// tasks of one's own), reward t is that of the state which step t reached; else each step is
/// played again, from the state before it with its recorded action.
/// Throws std::invalid_argument when there are no states or they do not fit the task, ClaimLost
/// when another process took `out` over.
RelabelResult RelabelData(const RelabelOptions& options,
                          const std::function<void(int64_t steps, int64_t of)>& on_progress);

}  // namespace longplay
