// SPDX-License-Identifier: MIT
#include "agent/collecting/random_explorer.h"

namespace longplay {

RandomExplorer::RandomExplorer(const EnvironmentSpec& spec, int64_t simulations)
    : action_low_(spec.action_low),
      action_high_(spec.action_high),
      random_(simulations, RandomGenerator(0, RandomGenerator::Stream::kLearner)) {}

void RandomExplorer::StartHistory(int64_t i, uint64_t seed) {
  random_[i] = RandomGenerator(seed, RandomGenerator::Stream::kLearner);
}

void RandomExplorer::Act(int64_t i, std::span<const double>, std::span<double> action) {
  for (size_t a = 0; a < action.size(); ++a) {
    action[a] = random_[i].Uniform(action_low_[a], action_high_[a]);
  }
}

}  // namespace longplay
