// SPDX-License-Identifier: MIT
#include "datasets/chains/random_maps.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

namespace longplay {
namespace {

/// [size, size] of mean 0 and variance 1.
std::vector<float> NormalMatrix(int64_t size, std::mt19937_64& random) {
  std::normal_distribution<double> draw;
  std::vector<float> map(size * size);
  for (float& value : map) value = static_cast<float>(draw(random));
  return map;
}

/// [size, size] with one 1 in each row and each column.
std::vector<float> Permutation(int64_t size, std::mt19937_64& random) {
  std::vector<int64_t> places(size);
  std::iota(places.begin(), places.end(), 0);
  std::ranges::shuffle(places, random);
  std::vector<float> map(size * size, 0.0F);
  for (int64_t row = 0; row < size; ++row) map[row * size + places[row]] = 1;
  return map;
}

}  // namespace

RandomMaps::RandomMaps(uint64_t seed, int64_t observation_size, int64_t action_size,
                       ActionKind kind) {
  std::mt19937_64 random(seed);
  observations_ = NormalMatrix(observation_size, random);
  const auto scale = static_cast<float>(1 / std::sqrt(static_cast<double>(observation_size)));
  for (float& value : observations_) value *= scale;
  if (kind == ActionKind::kDiscrete) {
    actions_ = Permutation(action_size, random);
    return;
  }
  actions_ = NormalMatrix(action_size, random);
  // |sum of m_j a_j| <= sum of |m_j| where all |a_j| <= 1.
  for (int64_t row = 0; row < action_size; ++row) {
    const std::span<float> weights(actions_.data() + row * action_size, action_size);
    float sum = 0;
    for (const float weight : weights) sum += std::abs(weight);
    for (float& weight : weights) weight /= sum;
  }
}

void RandomMaps::Apply(const std::vector<float>& map, std::span<float> row) {
  const std::vector<float> from(row.begin(), row.end());
  for (size_t i = 0; i < row.size(); ++i) {
    double sum = 0;
    for (size_t j = 0; j < from.size(); ++j) sum += double{map[i * from.size() + j]} * from[j];
    row[i] = static_cast<float>(sum);
  }
}

}  // namespace longplay
