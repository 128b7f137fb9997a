// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <vector>

namespace longplay {

struct ConfigField;

/// What implicit Q-learning is, whatever network it trains (arXiv 2110.06169).
struct ImplicitQOptions {
  double expectile = 0.7;      // of the values of the data's actions that a state's value is
  double beta = 3;             // policy weight of an action: exp(beta * advantage)
  double most_weight = 100;    // ... at most this
  double discount = 0.99;      // of a decision
  double soft_update = 0.005;  // share of the target network replaced a step
  double reward_scale = 1;     // the values are those of rewards * this
};

/// Of train.method ic_iql: heads on the sequence model.
struct IcIqlOptions {
  ImplicitQOptions learning;
  int64_t hidden = 128;     // units in each of a value head's two hidden layers
  double value_weight = 1;  // of the values' losses beside the policy's
};

/// Of train.method iql: perceptrons that see one observation. Defaults are those of the paper.
struct IqlOptions {
  ImplicitQOptions learning;
  int64_t batch = 256;   // [transitions]
  int64_t hidden = 256;  // units of two layers, of all networks
  double learning_rate = 3e-4;
  bool decay = true;  // the policy's learning rate falls to 0 along a cosine
};

/// ic_iql.*
std::vector<ConfigField> IcIqlFields();
/// iql.*
std::vector<ConfigField> IqlFields();

}  // namespace longplay
