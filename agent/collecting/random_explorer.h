// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include "agent/collecting/history_player.h"
#include "env/random_generator.h"

namespace longplay {

/// Uniform actions inside the bounds or among the choices, whatever is seen.
class RandomExplorer : public Explorer {
 public:
  RandomExplorer(const EnvironmentSpec& spec, int64_t simulations);

  void StartHistory(int64_t i, uint64_t seed) override;
  void StartEpisode(int64_t) override {}
  void Act(int64_t i, std::span<const double> observation, std::span<double> action) override;
  void See(int64_t, std::span<const double>, double) override {}

 private:
  EnvironmentSpec spec_;
  std::vector<RandomGenerator> random_;  // [B]
};

}  // namespace longplay
