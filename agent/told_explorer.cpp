// SPDX-License-Identifier: MIT
#include "agent/told_explorer.h"

#include <utility>

namespace longplay {

ToldExplorer::ToldExplorer(const BatchedEnvironment& environment, ToldActor actor)
    : environment_(environment), actor_(std::move(actor)) {}

void ToldExplorer::Act(int64_t i, std::span<const double> observation, std::span<double> action) {
  actor_(observation, environment_.parameter(i), action);
}

}  // namespace longplay
