// SPDX-License-Identifier: MIT
#include "env/environment_spec.h"

#include <cmath>
#include <stdexcept>

#include "env/random_generator.h"

namespace longplay {
namespace {

void Check(bool valid, const std::string& field, const std::string& expected, int64_t got) {
  if (valid) return;
  throw std::invalid_argument("making an environment: " + field + ": expected " + expected +
                              ", got " + std::to_string(got));
}

/// A discrete action is a whole number in a double.
void CheckChoice(const EnvironmentSpec& spec, size_t i, double action) {
  const auto choices = static_cast<double>(spec.action_size);
  if (action >= 0 && action < choices && action == std::floor(action)) return;
  throw std::invalid_argument("stepping an environment: simulation " + std::to_string(i) +
                              ": action: expected a whole number from 0 to " +
                              std::to_string(spec.action_size - 1) + ", got " +
                              std::to_string(action));
}

}  // namespace

void CheckOptions(const EnvironmentOptions& options) {
  Check(options.batch >= 1, "batch", "at least 1", options.batch);
  Check(options.action_repeat >= 1, "action_repeat", "at least 1", options.action_repeat);
  Check(options.max_episode_steps >= 0, "max_episode_steps", "0 (the task's own) or more",
        options.max_episode_steps);
  Check(options.threads >= 0, "threads", "0 (one per logical CPU) or more", options.threads);
}

/// [control steps]: the option counts decisions, the task's own limit control steps.
int64_t LongestEpisode(const EnvironmentOptions& options, int64_t own) {
  return options.max_episode_steps > 0 ? options.max_episode_steps * options.action_repeat : own;
}

void DrawAction(const EnvironmentSpec& spec, RandomGenerator& random, std::span<double> action) {
  if (spec.action_space == ActionSpace::kDiscrete) {
    action[0] = static_cast<double>(random.Index(spec.action_size));
    return;
  }
  for (int64_t a = 0; a < spec.action_size; ++a) {
    action[a] = random.Uniform(spec.action_low[a], spec.action_high[a]);
  }
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
  const size_t expected = batch * static_cast<size_t>(spec.action_columns());
  if (actions.size() != expected || active.size() != batch) {
    throw std::invalid_argument("stepping an environment: actions and active: expected " +
                                std::to_string(expected) + " and " + std::to_string(batch) +
                                " values, got " + std::to_string(actions.size()) + " and " +
                                std::to_string(active.size()));
  }
  for (size_t i = 0; i < batch; ++i) {
    if (active[i] == 0) continue;
    // A simulation that is over stays so until Reset; stepping it would go on from its end.
    if (over[i] != 0) {
      throw std::invalid_argument("stepping an environment: simulation " + std::to_string(i) +
                                  ": expected a running episode, got one that is over; call Reset");
    }
    if (spec.action_space == ActionSpace::kDiscrete) CheckChoice(spec, i, actions[i]);
  }
}

}  // namespace longplay
