// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <string>

#include "datasets/formats/format_reader.h"
#include "datasets/formats/path_options.h"

namespace longplay {

/// D4RL's flat layout: row t holds the observation before action t, the action, the reward after
/// it, and whether the episode ended there by the task (`terminals`) or otherwise (`timeouts`).
///
/// Episodes end after a row with either flag. A file without `timeouts` is also cut where
/// `next_observations` and the following observation differ, and after the root attribute
/// `max_episode_steps` rows. What follows the last end is kept as a truncated episode. Integer
/// actions are discrete; `rewards` may be missing. The observation after the last action is known
/// only where `next_observations` is there.
/// Throws DataError when observations, actions or the ends cannot be read.
std::unique_ptr<FormatReader> OpenD4rl(const std::string& hdf5_path,
                                       const PathOptions& options = {});

}  // namespace longplay
