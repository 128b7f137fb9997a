// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "agent/acting/rollout.h"
#include "env/physics/batched_environment.h"

namespace longplay {

/// Acts knowing the hidden parameter: observation [O], parameter [P] → action [A].
using ToldActor = std::function<void(std::span<const double> observation,
                                     std::span<const double> parameter, std::span<double> action)>;

/// Steers a point mass straight to its goal.
void SteerToGoal(std::span<const double> observation, std::span<const double> goal,
                 std::span<double> action);

/// What an oracle earns, an upper mark for policies that must find out what it is told: the mean
/// episode return of each chain, the same chains that a policy plays with these options.
std::vector<double> OracleReturns(BatchedEnvironment& environment, const ToldActor& actor,
                                  const RolloutOptions& options);

}  // namespace longplay
