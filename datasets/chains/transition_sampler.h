// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "datasets/store/normalizer.h"
#include "datasets/store/trajectory_set.h"

namespace longplay {

/// M steps, each with what followed it.
struct TransitionRows {
  std::vector<float> observations;       // [M, O] normalised
  std::vector<float> actions;            // [M, A] in the policy's units
  std::vector<float> rewards;            // [M] in the data's units
  std::vector<float> next_observations;  // [M, O] normalised
  std::vector<float> continues;          // [M] 0 = the task ended the episode with this step
};

/// Draws steps of a set for learners that look one step ahead.
///
/// An episode's last step is followed by its final observation; a time limit is no end: what lies
/// beyond still has a value. Where the final observation of such an episode was not recorded, its
/// last step is left out; where the task ended the episode, the observation itself stands there,
/// which nothing depends on.
class TransitionSampler {
 public:
  /// Both must outlive the sampler. Throws std::invalid_argument when no step can be used.
  TransitionSampler(const TrajectorySet& set, const Normalizer& normalizer);

  int64_t size() const { return ends_.back(); }  // steps that can be drawn

  /// `count` steps, all equally likely, with replacement, into the memory that `rows` has.
  void Draw(int64_t count, std::mt19937_64& random, TransitionRows& rows) const;

  /// Step `index` in [0, size()), in the order of the set, becomes row `row`.
  void Write(int64_t index, int64_t row, TransitionRows& rows) const;

 private:
  void Normalize(const float* observation, float* out) const;

  const TrajectorySet* set_;
  std::vector<int64_t> ends_;  // [episodes] usable steps in this and all earlier ones
  std::vector<float> observation_mean_, observation_factor_;  // [O] factor: 1 / deviation
  std::vector<float> action_center_, action_factor_;          // [A] likewise
};

}  // namespace longplay
