// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "agent/config/run_options.h"
#include "datasets/store/episode_set.h"

namespace longplay {

/// Looks, before anything is trained, whether the policy will fit the environment that it is to be
/// played in: sizes, bounds of actions, action repeat. Returns what a user should know, a sentence
/// each. `options` are those of before FitToData: an environment that they name must be there and
/// fit, while one that only the data name may be unknown here, another variant, or without its
/// model's files. Throws std::invalid_argument or std::runtime_error for an environment of `options`
/// that cannot be made or does not fit.
std::vector<std::string> CheckEnvironment(const RunOptions& options, const EpisodeSet& set);

}  // namespace longplay
