// SPDX-License-Identifier: MIT
#include "agent/collecting/episode_recorder.h"

#include <utility>

namespace longplay {

void EpisodeRecorder::Start(std::span<const double> observation, int64_t action_columns) {
  episode_ = {.observation_size = static_cast<int64_t>(observation.size()),
              .action_columns = action_columns,
              .observations = {observation.begin(), observation.end()}};
  return_ = 0;
}

void EpisodeRecorder::Add(std::span<const double> action, const StepOutcome& outcome,
                          std::span<const double> next_observation) {
  if (outcome.diverged) {
    episode_.truncated = true;
    return;
  }
  const auto append = [](std::vector<double>& to, std::span<const double> from) {
    to.insert(to.end(), from.begin(), from.end());
  };
  append(episode_.actions, action);
  append(episode_.observations, next_observation);
  episode_.rewards.push_back(outcome.reward);
  episode_.terminated = outcome.terminated;
  episode_.truncated = outcome.truncated;
  return_ += outcome.reward;
}

Episode EpisodeRecorder::Take() { return std::exchange(episode_, {}); }

}  // namespace longplay
