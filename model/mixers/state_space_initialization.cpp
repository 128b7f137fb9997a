// SPDX-License-Identifier: MIT
#include "model/mixers/state_space_initialization.h"

#include <torch/types.h>
#include <torch/utils.h>

#include <cmath>

namespace longplay {

torch::Tensor DrawTimeStepBias(int64_t channels) {
  constexpr double kSmallest = 1e-3, kLargest = 1e-1, kFloor = 1e-4;
  const auto logs = torch::rand({channels}) * std::log(kLargest / kSmallest) + std::log(kSmallest);
  const auto step = torch::exp(logs).clamp_min(kFloor);
  return step + torch::log(-torch::expm1(-step));  // the inverse of softplus
}

void ScaleByDepth(torch::nn::Linear& last, const ModelOptions& options) {
  const torch::NoGradGuard no_grad;
  // Residual branches of a layer: the mixer, and a second one where it was asked for.
  const bool alone = options.feed_forward == FeedForwardKind::kAuto ||
                     options.feed_forward == FeedForwardKind::kNone;
  last->weight.div_(std::sqrt(static_cast<double>(options.layers) * (alone ? 1 : 2)));
}

}  // namespace longplay
