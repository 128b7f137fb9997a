// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include "env/environment_spec.h"

namespace longplay {

/// Every environment id with its sizes, sorted by id. The bounds of actions are left empty.
std::vector<EnvironmentSpec> ListEnvironments();

}  // namespace longplay
