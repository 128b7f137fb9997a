// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>

#include "runtime/files/policy_facts.h"
#include "runtime/kernels/kernels.h"
#include "runtime/mixers/weights.h"

namespace longplay::runtime {

/// The two critics of in-context implicit Q-learning (model/policy/value_heads.h): what actions are
/// worth where a chain is. The values of states, which acting does not ask for, are not read.
class ActionValueHeads {
 public:
  ActionValueHeads(const PolicyFacts& facts, WeightLoader& weights);

  static constexpr int64_t kActionsAtOnce = 16;  // that share each load of the weights

  /// `count` actions, at most kActionsAtOnce: those that actions() holds, behind `features` [D],
  /// by the lower of both critics → values [count].
  void Rate(const Kernels& kernels, const float* features, int64_t count, float* values) const;
  /// [A] to be filled before Rate.
  float* action(int64_t i) const { return x_ + i * (D_ + A_) + D_; }

 private:
  using CriticLayers = std::array<MapWeights, 3>;

  int64_t D_, A_, hidden_ = 0;
  std::array<CriticLayers, 2> critics_;
  // Work: features and actions side by side [16, D + A], hidden units [16, hidden], values [16].
  float *x_ = nullptr, *first_ = nullptr, *second_ = nullptr, *values_ = nullptr;
};

}  // namespace longplay::runtime
