// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <string>

#include "env/environment.h"

namespace longplay {

/// An environment of the list (env/list/list_environments.h). `id` may carry arguments of its task,
/// see env/list/environment_id.h.
/// Throws std::invalid_argument for an unknown id (naming close ones) or bad options,
/// std::runtime_error when the model files are missing.
std::unique_ptr<Environment> MakeListedEnvironment(const std::string& id,
                                                   const EnvironmentOptions& options);

}  // namespace longplay
