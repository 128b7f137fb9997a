// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace longplay {

/// Episodes that one system played one after another, in one context (or, without one, as tries).
struct PlayedContext {
  std::string run;  // which training it comes from; empty = the table has no such column
  std::string seed;
  std::vector<double> returns;  // of episodes 1, 2 ...
};

/// What one system did on one task.
struct PlayedTask {
  std::string name;
  std::vector<PlayedContext> contexts;
  std::vector<PlayedContext> control;  // the last episode of each followed another task's episodes

  /// Of each context; all have as many.
  size_t episodes() const { return contexts.front().returns.size(); }
};

struct PlayedSystem {
  std::string name;
  std::vector<PlayedTask> tasks;  // in the order of the file
};

/// Reads tables with the columns task, seed, episode and return, and optionally system (its name;
/// otherwise a file is one system, named after it), run (training seed) and control (1 in rows of
/// contexts whose last episode followed the episodes of another task). Episodes of a seed count up by
/// one, from 0 or 1, in any order of rows.
/// Throws DataError with file and line for columns and values that are missing, for an episode that
/// comes twice or not at all, and for contexts of one task with different numbers of episodes.
std::vector<PlayedSystem> ReadPlayedReturns(const std::vector<std::string>& files);

}  // namespace longplay
