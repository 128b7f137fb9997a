// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <cstdint>

#include "model/tensors/keyed_noise.h"

namespace longplay {

/// Attention weights that are set to zero by chance (the others grow by 1 / (1 - probability)).
struct WeightDropout {
  double probability = 0;
  torch::Tensor keys = {};  // [B, H, T] int64, of each query's weights (keyed noise); the column of
                            // a weight is its key's position

  /// Zero or grown weights [B, H, queries, keys] of the queries from `query` on, of the call, and
  /// of the keys from `position` on.
  torch::Tensor Of(const torch::Tensor& weights, int64_t query, int64_t position) const {
    return Drop(weights, KeysFor(weights, query, position), probability);
  }
  void Apply(torch::Tensor& weights, int64_t query, int64_t position) const {
    DropInPlace(weights, KeysFor(weights, query, position), probability);
  }

 private:
  torch::Tensor KeysFor(const torch::Tensor& weights, int64_t query, int64_t position) const {
    return keys.narrow(2, query, weights.size(2)) + position;
  }
};

}  // namespace longplay
