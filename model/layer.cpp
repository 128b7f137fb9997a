// SPDX-License-Identifier: MIT
#include "model/layer.h"

#include <ATen/Functions.h>

#include "model/cast_parameters.h"

namespace longplay {
namespace {

torch::nn::LayerNorm MakeNorm(int64_t width) {
  return torch::nn::LayerNorm(torch::nn::LayerNormOptions({width}));
}

}  // namespace

LayerImpl::LayerImpl(const ModelOptions& options) : dropout_(options.dropout) {
  const int64_t width = options.attention.width;
  TORCH_CHECK(dropout_ >= 0 && dropout_ < 1, "building a layer: dropout: expected 0 <= p < 1, got ",
              dropout_);
  mixer_norm = register_module("mixer_norm", MakeNorm(width));
  mixer = register_module("mixer", MakeSequenceMixer(options.mixer, options.attention));
  feed_forward_norm = register_module("feed_forward_norm", MakeNorm(width));
  feed_forward = register_module("feed_forward", FeedForward(width, options.feed_forward_width));
}

torch::Tensor LayerImpl::forward(const torch::Tensor& x, MixerState* state,
                                 const torch::Tensor& segments) {
  const bool drops = dropout_ > 0 && is_training() && state == nullptr;  // not when acting
  const auto dropped = [&](const torch::Tensor& branch) {
    return drops ? at::dropout(branch, dropout_, /*train=*/true) : branch;
  };
  const auto mixed = x + dropped(mixer->Forward(NormInTypeOf(x, mixer_norm), state, segments));
  return mixed + dropped(feed_forward->forward(NormInTypeOf(mixed, feed_forward_norm)));
}

}  // namespace longplay
