// SPDX-License-Identifier: MIT
#include "agent/collecting/goal_oracle.h"

#include "agent/collecting/oracle.h"
#include "env/list/make_listed_environment.h"

namespace longplay {

Estimate GoalOracle(const EvaluateOptions& options) {
  const std::unique_ptr<Environment> environment = MakeListedEnvironment(
      "family/point-goal-v0", {.batch = options.seeds, .parameters = ParameterSet::kHeldOut});
  return BootstrapMean(OracleReturns(*environment, SteerToGoal,
                                     {.episodes = options.episodes, .seed = options.seed}));
}

}  // namespace longplay
