// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <random>
#include <span>
#include <vector>

#include "datasets/chains/affine_map.h"
#include "datasets/chains/batch_source.h"

namespace longplay {

/// Steps of a set, each with what followed it, for learners that look one step ahead: M rows of one
/// step. Of the inputs a batch holds the observations alone.
///
/// An episode's last step is followed by its final observation; a time limit is no end: what lies
/// beyond still has a value. Where the final observation of such an episode was not recorded, its
/// last step is left out; where the task ended the episode, the observation itself stands there,
/// which nothing depends on.
class TransitionBatches : public BatchSource {
 public:
  /// Set and normaliser must outlive the source. `count` to an optimiser step. Throws
  /// std::invalid_argument when no step can be used.
  TransitionBatches(const EpisodeSet& set, const Normalizer& normalizer, int64_t count);

  int64_t size() const { return ends_.back(); }  // steps that can be drawn

  /// All steps equally likely, with replacement.
  std::vector<ChainWindow> Draw(std::mt19937_64& random) const override;
  void Load(std::span<const ChainWindow> drawn, Batch& batch) const override;

  /// Step `index` in [0, size()), in the order of the set.
  ChainWindow Step(int64_t index) const;

 private:
  const EpisodeSet& set_;
  int64_t count_;
  std::vector<int64_t> ends_;  // [episodes] usable steps in this and all earlier ones
  AffineMap observation_map_, action_map_;
};

}  // namespace longplay
