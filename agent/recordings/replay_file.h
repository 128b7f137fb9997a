// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "env/physics/replay.h"

namespace longplay {

struct ReplayedFile {
  std::string environment;       // that was used
  std::string recorded_version;  // of MuJoCo, as the file says; empty = it does not
  ReplayResult result;
};

/// Plays the recorded actions of a trace (datasets/readers/trace_file.h) from its recorded states
/// and compares. `environment` replaces the id that the file names; empty = the file's own.
/// Throws std::invalid_argument when neither names one, or the arrays do not fit the task.
ReplayedFile ReplayFile(const std::string& path, const std::string& environment, int threads,
                        const std::function<void(int64_t steps, int64_t of)>& on_progress);

}  // namespace longplay
