// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <vector>

#include "runtime/files/policy_facts.h"
#include "runtime/kernels/kernels.h"
#include "runtime/mixers/weights.h"

namespace longplay::runtime {

/// The policies of TD3+BC and IQL: perceptrons with rectified linear units that see the observation
/// alone. Nothing is remembered, and nothing drawn.
class PerceptronActor {
 public:
  PerceptronActor(const PolicyFacts& facts, WeightLoader& weights);

  /// observation [O] → action [A], in the task's units.
  void Act(const Kernels& kernels, const double* observation, double* action) const;

 private:
  const PolicyFacts& facts_;
  std::vector<MapWeights> maps_;
  float *x_ = nullptr, *y_ = nullptr;  // [widest] to work in
};

}  // namespace longplay::runtime
