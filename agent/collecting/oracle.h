// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "agent/acting/rollout.h"
#include "agent/collect_work/explorer.h"
#include "env/environment.h"

namespace longplay {

/// Acts knowing the hidden parameter: observation [O], parameter [P] → action, as
/// Environment::Step takes it.
using ToldActor = std::function<void(std::span<const double> observation,
                                     std::span<const double> parameter, std::span<double> action)>;

/// The same as an explorer in `environment`, which tells it and must outlive it.
std::unique_ptr<Explorer> MakeToldExplorer(const Environment& environment, ToldActor actor);

/// Steers a point mass straight to its goal, in decisions of so many control steps.
ToldActor SteerToGoal(int64_t action_repeat);

/// What an oracle earns, an upper mark for policies that must find out what it is told: the mean
/// episode return of each chain, the same chains that a policy plays with these options. Throws
/// std::invalid_argument when nothing is hidden.
std::vector<double> OracleReturns(Environment& environment, const ToldActor& actor,
                                  const RolloutOptions& options);

}  // namespace longplay
