// SPDX-License-Identifier: MIT
#pragma once

#include "agent/evaluation/evaluation.h"

namespace longplay {

/// What a controller earns on family/point-goal-v0 that sees the goal and steers straight to it:
/// the mean episode return of each of options.seeds hidden goals, the same goals and starts that
/// Evaluate plays. An upper mark for policies that must find the goal.
Estimate GoalOracle(const EvaluateOptions& options);

}  // namespace longplay
