// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <memory>
#include <span>

#include "agent/collect_work/explorer.h"
#include "env/environment.h"

namespace longplay {

/// Acts knowing the hidden parameter: observation [O], parameter [P] → action, as
/// Environment::Step takes it.
using ToldActor = std::function<void(std::span<const double> observation,
                                     std::span<const double> parameter, std::span<double> action)>;

/// What `environment` hides. Throws std::invalid_argument when that is nothing.
const HiddenParameter& HiddenOf(const Environment& environment);

/// The same as an explorer in `environment`, which tells it and must outlive it.
std::unique_ptr<Explorer> MakeToldExplorer(const Environment& environment, ToldActor actor);

}  // namespace longplay
