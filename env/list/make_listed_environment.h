// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <string>

#include "env/environment.h"

namespace longplay {

/// An environment of the list (env/list/list_environments.h), whose spec has its own id. `id` may
/// be written as users write it ("walker-walk", "dmc:walker_walk", "Hopper-v4": a note on stderr
/// says, once, what is played in place of another version) and carry arguments of its task:
/// NAME?argument=value&argument=value, as in "Hopper-v5?healthy_z_range=0.8,inf".
/// Throws std::invalid_argument for an unknown id (naming close ones) or bad options,
/// std::runtime_error when the model files are missing.
std::unique_ptr<Environment> MakeListedEnvironment(const std::string& id,
                                                   const EnvironmentOptions& options);

}  // namespace longplay
