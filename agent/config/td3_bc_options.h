// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <vector>

namespace longplay {

struct ConfigField;

/// Of train.method td3_bc. Defaults are those of CORL's TD3+BC.
struct Td3BcOptions {
  double alpha = 2.5;  // weight of the critic against cloning
  double discount = 0.99;
  double soft_update = 0.005;  // share of the target networks replaced a step
  double policy_noise = 0.2;   // [action units] added to target actions
  double noise_clip = 0.5;     // [action units]
  int64_t policy_every = 2;    // critic steps for one policy step
  int64_t batch = 256;         // [transitions]
  int64_t hidden = 256;        // units of two layers, policy and critics
  double learning_rate = 3e-4;
};

/// td3_bc.*
std::vector<ConfigField> Td3BcFields();

}  // namespace longplay
