// SPDX-License-Identifier: MIT
#include "agent/collecting/random_explorer.h"

namespace longplay {

RandomExplorer::RandomExplorer(const EnvironmentSpec& spec, int64_t simulations)
    : spec_(spec), random_(simulations, RandomGenerator(0, RandomGenerator::Stream::kLearner)) {}

void RandomExplorer::StartHistory(int64_t i, uint64_t seed) {
  random_[i] = RandomGenerator(seed, RandomGenerator::Stream::kLearner);
}

void RandomExplorer::Act(int64_t i, std::span<const double>, std::span<double> action) {
  DrawAction(spec_, random_[i], action);
}

}  // namespace longplay
