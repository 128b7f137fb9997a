// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "agent/config/run_options.h"
#include "datasets/store/episode_set.h"

namespace longplay {

/// options with everything filled in that the data decides: sizes, head, table sizes, environment.
/// Throws std::invalid_argument for options that do not fit the data.
RunOptions FitToData(const RunOptions& options, const EpisodeSet& set);

/// What a user should know about how such a run uses the data, a sentence each.
std::vector<std::string> DataNotes(const RunOptions& options, const EpisodeSet& set);

}  // namespace longplay
