// SPDX-License-Identifier: MIT
#include "agent/exchange/export_probe.h"

#include <torch/types.h>
#include <torch/utils.h>

#include <cmath>
#include <vector>

#include "agent/acting/make_policy.h"

namespace longplay {
namespace {

constexpr int64_t kExportedEpisode = 12, kExportedSteps = 2 * kExportedEpisode;

torch::Tensor Column(const std::vector<double>& values, torch::IntArrayRef shape) {
  return torch::tensor(values, torch::kFloat64).view(shape).clone();
}

}  // namespace

TensorMap ExportedProbe(const LoadedPolicy& policy) {
  const auto acting = MakePolicy(policy, PolicyOptions{});
  const Normalizer& units = policy.record.normalizer;
  const int64_t O = units.observation_size(), C = acting->description().action_columns;
  std::vector<double> observations, rewards, starts, actions;
  for (int64_t t = 0; t < kExportedSteps; ++t) {
    // Observations and rewards of the size that the policy knows.
    std::vector<double> seen, action(C, 0.0);
    for (int64_t o = 0; o < O; ++o) {
      const double wave = std::sin(static_cast<double>(3 * t + 2 * o));
      seen.push_back(units.observation_mean[o] + units.observation_std[o] * wave);
    }
    const double reward =
        t == 0 ? 0 : std::cos(static_cast<double>(t)) / std::max(1e-6, units.reward_scale);
    const std::vector<double> one_reward = {reward};
    const std::vector<uint8_t> start = {t % kExportedEpisode == 0}, active = {1};
    acting->Act({.observations = seen, .rewards = one_reward, .starts = start, .active = active},
                action);
    observations.insert(observations.end(), seen.begin(), seen.end());
    rewards.push_back(reward);
    starts.push_back(start[0]);
    actions.insert(actions.end(), action.begin(), action.end());
  }
  return {{"observations", Column(observations, {kExportedSteps, O})},
          {"rewards", Column(rewards, {kExportedSteps})},
          {"starts", Column(starts, {kExportedSteps})},
          {"actions", Column(actions, {kExportedSteps, C})}};
}

}  // namespace longplay
