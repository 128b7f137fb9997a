// SPDX-License-Identifier: MIT
#pragma once

#include <torch/nn/module.h>
#include <torch/nn/modules/linear.h>
#include <torch/nn/pimpl.h>
#include <torch/types.h>

#include "model/options.h"

namespace longplay {

///   x [.., D] ─► expand [.., hidden] ─► GELU ─► contract [.., D]
class FeedForwardImpl : public torch::nn::Module {
 public:
  FeedForwardImpl(FeedForwardKind kind, int64_t width, int64_t hidden);

  torch::Tensor forward(const torch::Tensor& x);

  torch::nn::Linear expand{nullptr}, contract{nullptr};
};
TORCH_MODULE(FeedForward);

}  // namespace longplay
