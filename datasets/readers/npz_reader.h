// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <string>

#include "datasets/formats/format_reader.h"
#include "datasets/formats/path_options.h"

namespace longplay {

/// One .npz file of steps: D4RL's arrays (observations, actions, rewards, terminals, timeouts,
/// next_observations), NeoRL's (obs, action, reward, done, truncated, next_obs, index), or OGBench's
/// (observations, actions, terminals in each trajectory's last state); FORMAT.md has the rules.
/// `options`: ?actions=continuous|discrete, and ?states=1|0 where the rule for OGBench errs.
/// Steps are in memory from here on; infos are read when they are asked for. Throws DataError.
std::unique_ptr<FormatReader> OpenNpz(const std::string& path, const PathOptions& options);

/// Whether a file begins as zip archives do.
bool IsNpzFile(const std::string& path);

}  // namespace longplay
