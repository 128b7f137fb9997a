// SPDX-License-Identifier: MIT
#include "datasets/chains/plane_turn.h"

#include <cmath>
#include <numbers>
#include <random>
#include <vector>

namespace longplay {
namespace {

/// Each pair of `row` = (x - center) / scale as its R x has it.
void TurnPairs(const std::array<double, 4>& matrix, const std::vector<double>& center,
               const std::vector<double>& scale, std::span<float> row) {
  for (size_t k = 0; k + 1 < row.size(); k += 2) {
    const double x = row[k] * scale[k] + center[k];
    const double y = row[k + 1] * scale[k + 1] + center[k + 1];
    row[k] = static_cast<float>((matrix[0] * x + matrix[1] * y - center[k]) / scale[k]);
    row[k + 1] = static_cast<float>((matrix[2] * x + matrix[3] * y - center[k + 1]) / scale[k + 1]);
  }
}

}  // namespace

PlaneTurn::PlaneTurn(uint64_t seed, ChainSymmetry symmetry, const Normalizer& normalizer)
    : normalizer_(&normalizer) {
  std::mt19937_64 random(seed);
  const double mirror = std::uniform_int_distribution<int>(0, 1)(random) == 0 ? 1 : -1;
  double cosine = 0, sine = 0;
  if (symmetry == ChainSymmetry::kSquare) {
    // Quarter turns without rounding.
    const int quarters = std::uniform_int_distribution<int>(0, 3)(random);
    cosine = quarters % 2 == 0 ? 1 - quarters : 0;
    sine = quarters % 2 == 1 ? 2 - quarters : 0;
  } else {
    const double angle = std::uniform_real_distribution<double>(0, 2 * std::numbers::pi)(random);
    cosine = std::cos(angle);
    sine = std::sin(angle);
  }
  // Mirrored first (x stays, y changes sign), then turned.
  matrix_ = {cosine, -sine * mirror, sine, cosine * mirror};
}

void PlaneTurn::MapObservation(std::span<float> observation) const {
  TurnPairs(matrix_, normalizer_->observation_mean, normalizer_->observation_std, observation);
}

void PlaneTurn::MapAction(std::span<float> action) const {
  TurnPairs(matrix_, normalizer_->action_center, normalizer_->action_scale, action);
}

}  // namespace longplay
