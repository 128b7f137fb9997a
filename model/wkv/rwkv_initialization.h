// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "model/options.h"

namespace longplay {

/// How RWKV's initial values depend on the place of a layer in its stack.
struct LayerPlace {
  double up;    // 0 in the first layer to 1 in the last; 0 where there is one layer
  double down;  // 1 in the first layer to almost 0 in the last

  LayerPlace(const ModelOptions& options, int64_t layer)
      : up(static_cast<double>(layer) /
           static_cast<double>(std::max<int64_t>(options.layers - 1, 1))),
        down(1 - static_cast<double>(layer) / static_cast<double>(options.layers)) {}
};

/// channel / D, [1, 1, D].
inline torch::Tensor ChannelShare(int64_t D) {
  return (torch::arange(D, torch::kFloat64) / static_cast<double>(D)).view({1, 1, D});
}

/// channel / (D - 1), [D]: from 0 to 1.
inline torch::Tensor ChannelRamp(int64_t D) {
  return torch::arange(D, torch::kFloat64) / static_cast<double>(std::max<int64_t>(D - 1, 1));
}

/// Orthogonal rows or columns, larger where there are more rows than columns.
inline double OrthogonalGain(int64_t rows, int64_t columns, double scale) {
  return scale * std::sqrt(std::max(1.0, static_cast<double>(rows) / static_cast<double>(columns)));
}

}  // namespace longplay
