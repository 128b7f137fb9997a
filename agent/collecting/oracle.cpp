// SPDX-License-Identifier: MIT
#include "agent/collecting/oracle.h"

#include <algorithm>

#include "agent/acting/function_policy.h"
#include "agent/collecting/goal_search.h"
#include "env/environment_facets.h"

namespace longplay {

ToldActor SteerToGoal(int64_t action_repeat) {
  return [action_repeat](std::span<const double> observation, std::span<const double> goal,
                         std::span<double> action) {
    std::ranges::copy(SteerTo({goal[0], goal[1]}, observation, action_repeat), action.begin());
  };
}

std::vector<double> OracleReturns(Environment& environment, const ToldActor& actor,
                                  const RolloutOptions& options) {
  const int64_t columns = environment.spec().action_columns();
  const HiddenParameter& hidden = HiddenOf(environment);
  // Without a context: the last observation and what is hidden is all it needs.
  FunctionPolicy told([&](const RolloutView& view, std::span<double> actions) {
    for (int64_t i = 0; i < environment.batch(); ++i) {
      if (!view.active[i]) continue;
      actor(environment.observation(i), hidden.parameter(i), actions.subspan(i * columns, columns));
    }
  });
  std::vector<double> means;
  for (const std::vector<EpisodeResult>& chain : Rollout(environment, told, options)) {
    double sum = 0;
    for (const EpisodeResult& episode : chain) sum += episode.episode_return;
    means.push_back(sum / static_cast<double>(chain.size()));
  }
  return means;
}

}  // namespace longplay
