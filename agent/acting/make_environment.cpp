// SPDX-License-Identifier: MIT
#include "agent/acting/make_environment.h"

#include <stdexcept>

#include "agent/acting/task_file.h"
#include "env/list/make_listed_environment.h"

namespace longplay {

std::unique_ptr<Environment> MakeEnvironment(const std::string& id,
                                             const EnvironmentOptions& options) {
  if (!id.ends_with(".yaml") && !id.ends_with(".yml")) return MakeListedEnvironment(id, options);
  if (!options.arguments.empty()) {
    throw std::invalid_argument("making an environment: " + id +
                                ": expected no arguments with a task file, got " +
                                options.arguments.begin()->first);
  }
  return MakeUserEnvironment(ReadTaskFile(id), options);
}

}  // namespace longplay
