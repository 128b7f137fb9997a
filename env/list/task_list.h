// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "env/task_arguments.h"

namespace longplay {

/// Every environment, sorted by id.
const std::vector<EnvironmentEntry>& AllEnvironments();

struct FoundEnvironment {
  const EnvironmentEntry& entry;
  std::string note;  // how it differs from what was asked for, see env/list/resolve_id.h
};

/// By its id, however a user writes it. Throws std::invalid_argument naming close ids when there is
/// no such environment.
FoundEnvironment FindEnvironment(const std::string& given);

}  // namespace longplay
