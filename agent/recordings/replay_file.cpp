// SPDX-License-Identifier: MIT
#include "agent/recordings/replay_file.h"

#include <memory>
#include <stdexcept>

#include "agent/acting/make_environment.h"
#include "datasets/readers/trace_file.h"

namespace longplay {

ReplayedFile ReplayFile(const std::string& path, const std::string& environment, int threads,
                        const std::function<void(int64_t steps, int64_t of)>& on_progress) {
  const RecordedTrace recorded = ReadTrace(path);
  const std::string id = environment.empty() ? recorded.environment : environment;
  if (id.empty()) {
    throw std::invalid_argument("replaying data: " + path +
                                ": expected an attribute env_id (or --env), got none");
  }
  // Spans of what was read: env knows nothing of data files.
  Trace trace{.actions = recorded.actions,
              .next_observations = recorded.observations,
              .rewards = recorded.rewards,
              .terminals = recorded.terminals,
              .timeouts = recorded.timeouts,
              .states = recorded.states,
              .positions = recorded.positions,
              .velocities = recorded.velocities,
              .model = {},
              .float32_actions = recorded.float32_actions,
              .float32_observations = recorded.float32_observations,
              .float32_rewards = recorded.float32_rewards,
              .arguments = {}};
  for (const auto& [field, values] : recorded.model) trace.model[field] = values;
  const auto steps = static_cast<int64_t>(recorded.rewards.size());
  const std::unique_ptr<Environment> simulator = MakeEnvironment(id, ReplayOptions(trace, threads));
  return {id, recorded.simulator_version, Replay(*simulator, trace, [&](int64_t done) {
            if (on_progress) on_progress(done, steps);
          })};
}

}  // namespace longplay
