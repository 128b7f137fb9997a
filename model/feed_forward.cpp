// SPDX-License-Identifier: MIT
#include "model/feed_forward.h"

#include <ATen/Functions.h>

#include "model/cast_parameters.h"
#include "model/initialization.h"

namespace longplay {

FeedForwardImpl::FeedForwardImpl(FeedForwardKind /*kind*/, int64_t width, int64_t hidden) {
  TORCH_CHECK(hidden > 0, "building the feed-forward: hidden units: expected at least 1, got ",
              hidden);
  expand = register_module("expand", torch::nn::Linear(width, hidden));
  contract = register_module("contract", torch::nn::Linear(hidden, width));
  DrawWeights(expand);
  DrawWeights(contract);
}

torch::Tensor FeedForwardImpl::forward(const torch::Tensor& x) {
  return LinearInTypeOf(at::gelu(LinearInTypeOf(x, expand)), contract);
}

}  // namespace longplay
