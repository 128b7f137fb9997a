// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "datasets/episode.h"

namespace longplay {

/// The linear maps that one chain is seen through, so that what its numbers mean can only be learned
/// from its context. In the policy's units, of rows [O] and [A]:
///
///   observations  M [O, O] of normal numbers with variance 1 / O: their size stays what it was
///   actions       M [A, A] of normal numbers, each row divided by the sum of its sizes: actions stay
///                 in [-1, 1]; discrete ones trade places
///
/// Source: arXiv 2212.04458, section 3 (a linear map of inputs and a permutation of labels a task).
class RandomMaps {
 public:
  /// A function of the seed and the sizes.
  RandomMaps(uint64_t seed, int64_t observation_size, int64_t action_size, ActionKind kind);

  void MapObservation(std::span<float> observation) const { Apply(observations_, observation); }
  void MapAction(std::span<float> action) const { Apply(actions_, action); }

  const std::vector<float>& observations() const { return observations_; }  // [O, O]
  const std::vector<float>& actions() const { return actions_; }            // [A, A]

 private:
  static void Apply(const std::vector<float>& map, std::span<float> row);

  std::vector<float> observations_, actions_;
};

}  // namespace longplay
