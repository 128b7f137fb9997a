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

void CheckSize(const std::string& what, size_t got, int64_t expected) {
  if (got == static_cast<size_t>(expected)) return;
  throw std::invalid_argument(what + ": expected " + std::to_string(expected) + " values, got " +
                              std::to_string(got));
}

void CheckSimulation(int64_t i, int64_t batch) {
  if (i >= 0 && i < batch) return;
  throw std::invalid_argument("using an environment: simulation: expected 0 ... " +
                              std::to_string(batch - 1) + ", got " + std::to_string(i));
}

void CheckStep(const EnvironmentSpec& spec, std::span<const double> actions,
               std::span<const uint8_t> active, std::span<const uint8_t> over) {
  const size_t batch = over.size();
  const size_t expected = batch * static_cast<size_t>(spec.action_size);
  if (actions.size() != expected || active.size() != batch) {
    throw std::invalid_argument("stepping an environment: actions and active: expected " +
                                std::to_string(expected) + " and " + std::to_string(batch) +
                                " values, got " + std::to_string(actions.size()) + " and " +
                                std::to_string(active.size()));
  }
  for (size_t i = 0; i < batch; ++i) {
    if (active[i] == 0 || over[i] == 0) continue;
    throw std::invalid_argument("stepping an environment: simulation " + std::to_string(i) +
                                ": expected a running episode, got one that is over; call Reset");
  }
}

}  // namespace longplay
