// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <vector>

#include "datasets/store/normalizer.h"

namespace longplay {

/// A row of numbers in the data's units → the same in the policy's: (value - center) / scale.
class AffineMap {
 public:
  /// Of rows from which `offset` was taken off already; empty = nothing was.
  static AffineMap OfObservations(const Normalizer& normalizer,
                                  const std::vector<double>& offset = {}) {
    std::vector<double> mean = normalizer.observation_mean;
    for (size_t k = 0; k < offset.size(); ++k) mean[k] -= offset[k];
    return {mean, normalizer.observation_std};
  }
  static AffineMap OfActions(const Normalizer& normalizer) {
    return {normalizer.action_center, normalizer.action_scale};
  }

  int64_t size() const { return static_cast<int64_t>(center_.size()); }
  void operator()(const float* from, float* to) const {
    const float *center = center_.data(), *factor = factor_.data();  // `to` is none of these
    const int64_t count = size();
    for (int64_t k = 0; k < count; ++k) to[k] = (from[k] - center[k]) * factor[k];
  }

 private:
  AffineMap(const std::vector<double>& center, const std::vector<double>& scale)
      : center_(center.begin(), center.end()) {
    factor_.reserve(scale.size());
    for (const double value : scale) factor_.push_back(static_cast<float>(1 / value));
  }

  std::vector<float> center_, factor_;  // factor: 1 / scale
};

}  // namespace longplay
