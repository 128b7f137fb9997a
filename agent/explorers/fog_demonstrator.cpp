// SPDX-License-Identifier: MIT
#include "agent/explorers/fog_demonstrator.h"

#include <algorithm>

namespace longplay {

FogDemonstrator::FogDemonstrator(const FogOptions& options, int64_t simulations)
    : options_(options), filters_(simulations, FogFilter(options)) {}

void FogDemonstrator::StartEpisode(int64_t i) { filters_[i] = FogFilter(options_); }

void FogDemonstrator::Act(int64_t i, std::span<const double> observation,
                          std::span<double> action) {
  filters_[i].See(observation);
  std::ranges::transform(filters_[i].mean(), action.begin(), [](double mean) {
    return std::clamp(mean, -kFogActionBound, kFogActionBound);
  });
}

}  // namespace longplay
