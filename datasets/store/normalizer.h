// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <vector>

namespace longplay {

/// Linear maps between a data set's units and the policy's. Saved with every checkpoint.
struct Normalizer {
  std::vector<double> observation_mean;  // [O]
  // [O] what is taken off in double before anything is rounded to float32; empty = nothing. Only
  // columns that lie far from 0 and change little have one: a clock, a position on a map.
  std::vector<double> observation_offset;
  std::vector<double> observation_std;  // [O], at least 1e-6
  std::vector<double> action_center;    // [A]; policy action = (action - center) / scale
  std::vector<double> action_scale;     // [A], positive; the policy's actions lie in [-1, 1]
  double reward_scale = 1;              // policy reward = reward * reward_scale
  double return_scale = 1;              // policy return = return * return_scale

  int64_t observation_size() const { return static_cast<int64_t>(observation_mean.size()); }
  int64_t action_size() const { return static_cast<int64_t>(action_center.size()); }
};

nlohmann::json ToJson(const Normalizer& normalizer);
/// Throws std::runtime_error when a field is missing or misshapen.
Normalizer NormalizerFromJson(const nlohmann::json& json);

}  // namespace longplay
