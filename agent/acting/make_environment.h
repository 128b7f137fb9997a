// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <string>

#include "env/environment.h"

namespace longplay {

/// An environment by its id, or by the path of a task file (*.yaml, *.yml; see
/// agent/acting/task_file.h).
/// Throws as MakeListedEnvironment and ReadTaskFile do.
std::unique_ptr<Environment> MakeEnvironment(const std::string& id,
                                             const EnvironmentOptions& options);

}  // namespace longplay
