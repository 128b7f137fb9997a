// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "env/physics/batched_environment.h"

namespace longplay {

/// An environment by its id, or by the path of a task file (*.yaml, *.yml; see
/// agent/acting/task_file.h).
/// Throws as MakeListedEnvironment and ReadTaskFile do.
BatchedEnvironment MakeEnvironment(const std::string& id, const EnvironmentOptions& options);

}  // namespace longplay
