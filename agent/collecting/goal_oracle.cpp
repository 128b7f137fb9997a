// SPDX-License-Identifier: MIT
#include "agent/collecting/goal_oracle.h"

#include <algorithm>

#include "agent/collecting/oracle.h"
#include "env/list/make_listed_environment.h"

namespace longplay {

Estimate GoalOracle(const EvaluateOptions& options) {
  // 0 where no data have said how they were collected.
  const int64_t repeat = std::max<int64_t>(options.action_repeat, 1);
  const std::unique_ptr<Environment> environment =
      MakeListedEnvironment("family/point-goal-v0", {.batch = options.seeds,
                                                     .action_repeat = repeat,
                                                     .max_episode_steps = options.max_episode_steps,
                                                     .parameters = ParameterSet::kHeldOut});
  return BootstrapMean(OracleReturns(*environment, SteerToGoal(repeat),
                                     {.episodes = options.episodes, .seed = options.seed}));
}

}  // namespace longplay
