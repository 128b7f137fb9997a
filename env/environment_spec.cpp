// SPDX-License-Identifier: MIT
#include "env/environment_spec.h"

#include <stdexcept>

namespace longplay {
namespace {

void Check(bool valid, const std::string& field, const std::string& expected, int64_t got) {
  if (valid) return;
  throw std::invalid_argument("making an environment: " + field + ": expected " + expected +
                              ", got " + std::to_string(got));
}

}  // namespace

void CheckOptions(const EnvironmentOptions& options) {
  Check(options.batch >= 1, "batch", "at least 1", options.batch);
  Check(options.action_repeat >= 1, "action_repeat", "at least 1", options.action_repeat);
  Check(options.max_episode_steps >= 0, "max_episode_steps", "0 (the task's own) or more",
        options.max_episode_steps);
  Check(options.threads >= 0, "threads", "0 (one per logical CPU) or more", options.threads);
}

}  // namespace longplay
