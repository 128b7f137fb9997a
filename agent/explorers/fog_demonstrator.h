// SPDX-License-Identifier: MIT
#pragma once

#include <span>
#include <vector>

#include "agent/collect_work/explorer.h"
#include "env/family/fog.h"

namespace longplay {

/// The best possible policy of family/fog-v0: acts with the mean of the Kalman filter of an
/// episode's readings. So the recorded actions are what a policy is to learn.
class FogDemonstrator : public Explorer {
 public:
  FogDemonstrator(const FogOptions& options, int64_t simulations);

  void StartHistory(int64_t, uint64_t) override {}
  void StartEpisode(int64_t i) override;
  void Act(int64_t i, std::span<const double> observation, std::span<double> action) override;
  void See(int64_t, std::span<const double>, double) override {}

 private:
  FogOptions options_;
  std::vector<FogFilter> filters_;  // [B] of the running episodes
};

}  // namespace longplay
