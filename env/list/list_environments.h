// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "env/environment_spec.h"

namespace longplay {

/// Every environment id with its sizes, sorted by id. The bounds of actions are left empty.
std::vector<EnvironmentSpec> ListEnvironments();

/// Whose tasks those of an environment with a hidden parameter are: "published: ..." or "ours"; ""
/// where nothing is hidden.
std::string TasksOf(const EnvironmentSpec& spec);

}  // namespace longplay
