// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "env/environment.h"

namespace longplay {

/// Every environment, sorted by id.
const std::vector<EnvironmentEntry>& AllEnvironments();

/// Throws std::invalid_argument naming close ids when there is no such environment.
const EnvironmentEntry& FindEnvironment(const std::string& id);

}  // namespace longplay
