// SPDX-License-Identifier: MIT
#include "agent/goal_oracle.h"

#include "agent/goal_search.h"

namespace longplay {

Estimate GoalOracle(const EvaluateOptions& options) {
  BatchedEnvironment environment("family/point-goal-oracle-v0",
                                 {.batch = options.seeds, .parameters = ParameterSet::kHeldOut});
  const int64_t width = environment.spec().observation_size;  // position, velocity, goal: 2 each
  const PolicyFunction steer = [&](const RolloutView& view, std::span<double> actions) {
    for (int64_t i = 0; i < options.seeds; ++i) {
      const auto seen = view.observations.subspan(i * width, width);
      const auto action = SteerTo({seen[4], seen[5]}, seen);
      actions[2 * i] = action[0];
      actions[2 * i + 1] = action[1];
    }
  };
  const RolloutResult episodes =
      Rollout(environment, steer, {.episodes = options.episodes, .seed = options.seed});
  std::vector<double> means;
  for (const std::vector<EpisodeResult>& chain : episodes) {
    double sum = 0;
    for (const EpisodeResult& episode : chain) sum += episode.episode_return;
    means.push_back(sum / static_cast<double>(chain.size()));
  }
  return BootstrapMean(means);
}

}  // namespace longplay
