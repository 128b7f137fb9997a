// SPDX-License-Identifier: MIT
#include "model/policy_network.h"

#include <torch/types.h>
#include <torch/utils.h>

#include "model/initialization.h"
#include "model/prediction_head.h"

namespace longplay {
namespace {

/// First actions stay near the middle of the range, so that training starts from a low loss.
constexpr double kHeadScale = 0.01;

int64_t HeadSize(const ModelOptions& options) {
  return options.head == ActionHead::kGaussian ? 2 * options.action_size : options.action_size;
}

}  // namespace

PolicyNetworkImpl::PolicyNetworkImpl(const ModelOptions& options) : options_(options) {
  TORCH_CHECK(options.action_size > 0 && options.observation_size >= 0,
              "building the policy: sizes: expected A > 0 and O >= 0, got A = ",
              options.action_size, ", O = ", options.observation_size);
  tokens_ = register_module("tokens", TokenEmbedding(options));
  layers_ = register_module("layers", LayerStack(options));
  const int64_t width = options.attention.width;
  final_norm_ =
      register_module("final_norm", torch::nn::LayerNorm(torch::nn::LayerNormOptions({width})));
  head_ = register_module("head", torch::nn::Linear(width, HeadSize(options)));
  DrawWeights(head_, kHeadScale);
}

torch::Tensor PolicyNetworkImpl::forward(const StepTensors& steps) {
  const auto tokens = tokens_->forward(steps);  // [B, T, D]
  const bool narrow = options_.bfloat16 && is_training();
  return Predict(
      layers_->forward(Dropped(narrow ? tokens.to(torch::kBFloat16) : tokens), Segments(steps)));
}

torch::Tensor PolicyNetworkImpl::Segments(const StepTensors& steps) const {
  if (!steps.segments.defined()) return {};
  return steps.segments.repeat_interleave(tokens_->tokens_per_step(), 1);  // [B, T]
}

torch::Tensor PolicyNetworkImpl::Dropped(const torch::Tensor& tokens) const {
  if (options_.dropout == 0 || !is_training()) return tokens;
  return at::dropout(tokens, options_.dropout, /*train=*/true);
}

torch::Tensor PolicyNetworkImpl::Predict(const torch::Tensor& y) {
  const int64_t stride = tokens_->tokens_per_step();
  // Only the last token of each step is read: [B, N, D].
  const auto read = stride == 1 ? y : y.slice(1, stride - 1, std::nullopt, stride);
  return RunHead(final_norm_, head_, read.reshape({-1, read.size(2)}),
                 options_.attention.query_block)
      .view({read.size(0), read.size(1), -1});  // [B, N, P]
}

ContextState PolicyNetworkImpl::StartContext(int64_t chains, int64_t capacity) const {
  return {layers_->MakeStates(chains, capacity * tokens_->tokens_per_step())};
}

torch::Tensor PolicyNetworkImpl::Step(const StepTensors& step, ContextState& context) {
  const torch::NoGradGuard no_grad;
  TORCH_CHECK(step.episode_steps.dim() == 2 && step.episode_steps.size(1) == 1,
              "acting: episode_steps: expected shape [B, 1], got ", step.episode_steps.sizes());
  return Predict(layers_->Continue(tokens_->forward(step), context.layers)).squeeze(1);
}

}  // namespace longplay
