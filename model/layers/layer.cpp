// SPDX-License-Identifier: MIT
#include "model/layers/layer.h"

#include <torch/types.h>
#include <torch/utils.h>

#include "model/layers/channel_mixer.h"
#include "model/layers/make_sequence_mixer.h"
#include "model/tensors/keyed_noise.h"

namespace longplay {
LayerImpl::LayerImpl(const ModelOptions& options, const LayerPlan& plan)
    : dropout_(options.dropout) {
  const int64_t width = options.attention.width;
  TORCH_CHECK(dropout_ >= 0 && dropout_ < 1, "building a layer: dropout: expected 0 <= p < 1, got ",
              dropout_);
  const auto make_norm = [&] { return Norm(plan.norm, width, options.norm_epsilon); };
  ModelOptions own = options;
  own.attention.span = plan.span;
  mixer_norm = register_module("mixer_norm", make_norm());
  mixer = register_module("mixer", MakeSequenceMixer(plan.mixer, own, plan.place));
  // The second branch, if any, and the norm in front of it.
  if (!plan.has_channel_mixer && plan.feed_forward == FeedForwardKind::kNone) return;
  feed_forward_norm = register_module("feed_forward_norm", make_norm());
  if (plan.has_channel_mixer) {
    channel_mixer = register_module("channel_mixer", MakeChannelMixer(own, plan.place.layer));
    return;
  }
  feed_forward = register_module("feed_forward",
                                 FeedForward(plan.feed_forward, width, options.feed_forward_width));
  // SwiGLU's activation takes two maps' numbers; the layer-by-layer schedule knows those of one.
  has_rowwise_activation_ = plan.feed_forward != FeedForwardKind::kSwiGlu;
}

LayerState LayerImpl::StartState(int64_t batch, const torch::TensorOptions& options) const {
  LayerState state{.mixer = mixer->StartState(batch, options)};
  if (channel_mixer) state.channel = channel_mixer->StartState(batch, options);
  return state;
}

torch::Tensor LayerImpl::Dropped(const torch::Tensor& branch, const Chunk& chunk,
                                 NoiseUse use) const {
  if (dropout_ == 0 || !is_training()) return branch;
  return Drop(branch, chunk.noise.KeysOf(use), dropout_);
}

torch::Tensor LayerImpl::forward(const torch::Tensor& x, LayerState& state, const Chunk& chunk,
                                 HandedOn& handed) {
  Chunk own = chunk;
  own.residual = x;
  auto y = x + Dropped(mixer->Forward(mixer_norm->forward(x), state.mixer, own, handed), own,
                       NoiseUse::kMixerBranch);
  if (!feed_forward_norm) return y;
  const auto normalised = feed_forward_norm->forward(y);
  // Second branch, from the sum of the first.
  const auto branch = channel_mixer ? channel_mixer->Forward(normalised, state.channel, own, handed)
                                    : feed_forward->forward(normalised);
  return y + Dropped(branch, own, NoiseUse::kFeedForwardBranch);
}

LayerContext LayerImpl::StartContext(int64_t batch, const ContextOptions& options) const {
  LayerContext context{.mixer = mixer->StartContext(batch, options), .channel = {}};
  if (channel_mixer) context.channel = channel_mixer->StartContext(batch, options);
  return context;
}

torch::Tensor LayerImpl::Step(const torch::Tensor& x, LayerContext& context, const Chunk& chunk,
                              HandedOn& handed) {
  const torch::NoGradGuard no_grad;
  Chunk own = chunk;
  own.residual = x;
  auto y = x + context.mixer->Step(mixer_norm->forward(x), own, handed);
  if (!feed_forward_norm) return y;
  const auto normalised = feed_forward_norm->forward(y);
  return y + (channel_mixer ? context.channel->Step(normalised, own, handed)
                            : feed_forward->forward(normalised));
}

}  // namespace longplay
