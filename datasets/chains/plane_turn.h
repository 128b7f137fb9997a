// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "datasets/chains/chain.h"
#include "datasets/store/normalizer.h"

namespace longplay {

/// The turn, perhaps with a mirror, through which one chain is seen where the task is the same in
/// every direction of a plane. Observations and actions are pairs (x, y), (x, y) ... in the data's
/// units, and every pair turns around the origin alike:
///
///   (x, y) ─► R (x, y)     R [2, 2] orthogonal, one for the chain
///
/// kSquare: R is one of the eight symmetries of the square, so that actions stay in their box;
/// kPlane: any angle, mirrored or not, so that actions may leave it.
class PlaneTurn {
 public:
  /// A function of the seed and the symmetry, which is not kNone. The normaliser must outlive it.
  PlaneTurn(uint64_t seed, ChainSymmetry symmetry, const Normalizer& normalizer);

  /// Rows in the policy's units, [O] and [A].
  void MapObservation(std::span<float> observation) const;
  void MapAction(std::span<float> action) const;

  const std::array<double, 4>& matrix() const { return matrix_; }  // R, row by row

 private:
  std::array<double, 4> matrix_;
  const Normalizer* normalizer_;  // not owned
};

}  // namespace longplay
