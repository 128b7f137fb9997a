// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <vector>

#include "agent/acting/rollout.h"
#include "agent/explorers/told_explorer.h"
#include "env/environment.h"

namespace longplay {

/// Steers a point mass straight to its goal, in decisions of so many control steps.
ToldActor SteerToGoal(int64_t action_repeat);

/// What an oracle earns, an upper mark for policies that must find out what it is told: the mean
/// episode return of each chain, the same chains that a policy plays with these options. Throws
/// std::invalid_argument when nothing is hidden.
std::vector<double> OracleReturns(Environment& environment, const ToldActor& actor,
                                  const RolloutOptions& options);

}  // namespace longplay
