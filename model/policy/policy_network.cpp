// SPDX-License-Identifier: MIT
#include "model/policy/policy_network.h"

#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "model/layers/stack_plan.h"
#include "model/policy/prediction_head.h"
#include "model/ranks/sequence_slice.h"
#include "model/tensors/initialization.h"

namespace longplay {
namespace {

/// First actions stay near the middle of the range, so that training starts from a low loss.
constexpr double kHeadScale = 0.01;

/// [time steps] of recorded context taken in at once: scores are kept for so many.
constexpr int64_t kStepsAbsorbed = 16;

int64_t HeadSize(const ModelOptions& options) {
  return options.head == ActionHead::kGaussian ? 2 * options.action_size : options.action_size;
}

}  // namespace

PolicyNetworkImpl::PolicyNetworkImpl(const ModelOptions& options, int64_t value_hidden)
    : options_(options) {
  TORCH_CHECK(options.action_size > 0 && options.observation_size >= 0,
              "building the policy: sizes: expected A > 0 and O >= 0, got A = ",
              options.action_size, ", O = ", options.observation_size);
  tokens_ = register_module("tokens", TokenEmbedding(options));
  layers_ = register_module("layers", LayerStack(options));
  const int64_t width = options.attention.width;
  final_norm_ = register_module(
      "final_norm", Norm(PlanStack(options).layers.back().norm, width, options.norm_epsilon));
  head_ = register_module("head", torch::nn::Linear(width, HeadSize(options)));
  DrawWeights(head_, kHeadScale);
  // Last, so that all other weights are drawn as without them.
  if (value_hidden > 0) {
    values_ = register_module("values", ValueHeads(width, options.action_size, value_hidden));
  }
}

Prediction PolicyNetworkImpl::Predict(const StepTensors& steps) {
  auto tokens = tokens_->forward(steps);  // [B, T, D]
  const torch::Tensor segments = Segments(steps);
  // Without segments, what would stand before a chain's first step is cut off; else Segments hides
  // it.
  const int64_t cut_of_all = segments.defined() ? 0 : tokens_->previous_tokens();
  std::optional<SequenceSlice> slice;  // in tokens
  if (steps.slice) {
    slice = steps.slice->steps.InTokens(tokens_->tokens_per_step(), cut_of_all);
  }
  // A slice that begins later has nothing to cut.
  const int64_t cut = slice && slice->own().front().first > 0 ? 0 : cut_of_all;
  const TokenNoise noise = NoiseOf(steps, cut_of_all);
  if (cut > 0) tokens = tokens.narrow(1, cut, tokens.size(1) - cut);
  // The type of the tokens is that of the layers' pass; RunHead returns to the parameters'.
  if (options_.bfloat16 && is_training()) tokens = tokens.to(torch::kBFloat16);
  if (options_.dropout > 0 && is_training()) {
    tokens = Drop(tokens, noise.KeysOf(NoiseUse::kEmbedding), options_.dropout);
  }
  Prediction prediction;
  const auto y =
      layers_->forward(tokens, segments, noise, &prediction.penalty, slice ? &*slice : nullptr);
  ReadSteps(y, tokens_->tokens_per_step() - 1 - cut, prediction);
  return prediction;
}

/// [B, T] or undefined: which tokens see each other. Of all steps, also where a rank holds some.
torch::Tensor PolicyNetworkImpl::Segments(const StepTensors& steps) const {
  torch::Tensor segments = steps.slice ? steps.slice->segments : steps.segments;  // [B, N]
  const torch::Tensor& episodes = steps.slice ? steps.slice->episodes : steps.episodes;
  // Every episode is a segment: numbered apart from those of the row's other chains.
  if (options_.episode_context == EpisodeContext::kReset) {
    segments = segments.defined() ? segments * (episodes.max() + 1) + episodes : episodes;
  }
  if (!segments.defined()) return {};
  const int64_t k = tokens_->tokens_per_step(), previous = tokens_->previous_tokens();
  auto by_token = segments.unsqueeze(2).repeat({1, 1, k});  // [B, N, k]
  if (previous > 0) {
    // What would stand before a segment's first step is a segment of its own, which nobody reads.
    auto first = torch::ones_like(segments, segments.options().dtype(torch::kBool));
    const int64_t N = segments.size(1);
    first.narrow(1, 1, N - 1).copy_(segments.narrow(1, 1, N - 1) != segments.narrow(1, 0, N - 1));
    by_token.narrow(2, 0, previous).masked_fill_(first.unsqueeze(2), -1);
  }
  return by_token.flatten(1);
}

/// Of this rank's tokens, without the first `cut` ones of the sequence; the chains are the caller's
/// segments, not those of episodes.
TokenNoise PolicyNetworkImpl::NoiseOf(const StepTensors& steps, int64_t cut) const {
  if (!layers_->draws_noise()) return {};
  const int64_t k = tokens_->tokens_per_step();
  const torch::Tensor& episodes = steps.slice ? steps.slice->episodes : steps.episodes;
  const TokenNoise all =
      NoiseOfTokens(steps.noise, steps.slice ? steps.slice->segments : steps.segments,
                    episodes.size(0), episodes.size(1), k, episodes.device())
          .Of({cut, episodes.size(1) * k});
  return steps.slice ? steps.slice->steps.InTokens(k, cut).Of(all) : all;
}

/// The head's output at a step's last token: tokens first, first + tokens per step ...
void PolicyNetworkImpl::ReadSteps(const torch::Tensor& y, int64_t first, Prediction& into) {
  const int64_t stride = tokens_->tokens_per_step();
  // One token a step is read; the others only carry context.
  const auto read = stride == 1 ? y : y.slice(1, first, std::nullopt, stride);  // [B, N, D]
  into.output =
      RunHead(final_norm_, head_, read.reshape({-1, read.size(2)}), options_.attention.query_block)
          .view({read.size(0), read.size(1), -1});  // [B, N, P]
  if (values_) into.features = final_norm_->forward(read.to(into.output.scalar_type()));
}

ContextState PolicyNetworkImpl::StartContext(int64_t chains, int64_t capacity,
                                             int64_t window) const {
  // Time steps → tokens.
  const int64_t k = tokens_->tokens_per_step();
  return {.layers = layers_->StartContext(chains, {.capacity = capacity * k, .window = window * k}),
          .fresh = std::vector<uint8_t>(chains, 1),
          .window = window};
}

Prediction PolicyNetworkImpl::PredictStep(const StepTensors& step, ContextState& context) {
  const torch::NoGradGuard no_grad;
  const auto B = static_cast<int64_t>(context.fresh.size());
  TORCH_CHECK(step.episode_steps.sizes() == torch::IntArrayRef({B, 1}),
              "acting: episode_steps: expected shape [", B, ", 1], got ",
              step.episode_steps.sizes());
  const auto y = Continue(tokens_->forward(step), context);
  Prediction prediction;
  ReadSteps(y, y.size(1) - 1, prediction);
  prediction.output = prediction.output.squeeze(1);
  if (prediction.features.defined()) prediction.features = prediction.features.squeeze(1);
  return prediction;
}

/// The next time step's tokens [B, k, D] of every chain → [B, k or fewer, D].
torch::Tensor PolicyNetworkImpl::Continue(torch::Tensor tokens, ContextState& context) {
  const int64_t previous = tokens_->previous_tokens();
  if (previous > 0) {
    // What would stand before a chain's first step is forgotten at once.
    // For chains that have acted; fresh ones take part in the call and forget it.
    if (std::ranges::find(context.fresh, 0) != context.fresh.end()) {
      layers_->Step(tokens.narrow(1, 0, previous), context.layers);
    }
    for (size_t i = 0; i < context.fresh.size(); ++i) {
      if (context.fresh[i]) context.Forget(static_cast<int64_t>(i));
    }
    tokens = tokens.narrow(1, previous, tokens.size(1) - previous);
  }
  std::ranges::fill(context.fresh, 0);
  return layers_->Step(tokens, context.layers);
}

void PolicyNetworkImpl::Absorb(const StepTensors& steps, ContextState& context) {
  const torch::NoGradGuard no_grad;
  const auto tokens = tokens_->forward(steps);  // [B, N * k, D]
  const int64_t k = tokens_->tokens_per_step(), T = tokens.size(1);
  const bool any_fresh = std::ranges::find(context.fresh, 1) != context.fresh.end();
  // A window's storage is made for one step at a time, and so is what stands before a first one.
  const bool one_by_one = context.window > 0 || (any_fresh && tokens_->previous_tokens() > 0);
  const int64_t at_once = one_by_one ? k : k * kStepsAbsorbed;
  for (int64_t t = 0; t < T; t += at_once) {
    const auto part = tokens.narrow(1, t, std::min(at_once, T - t));
    if (one_by_one) {
      Continue(part, context);
    } else {
      layers_->Step(part, context.layers);
    }
  }
  std::ranges::fill(context.fresh, 0);
}

std::vector<std::string> PolicyNetworkImpl::WithoutDecay() const {
  std::vector<std::string> names;
  for (const std::string& name : layers_->WithoutDecay()) names.push_back("layers." + name);
  return names;
}

void ContextState::Forget(int64_t i) {
  fresh[i] = 1;
  layers.Forget(i);
}

void ContextState::Select(const std::vector<int64_t>& rows) {
  std::vector<uint8_t> kept;
  kept.reserve(rows.size());
  for (const int64_t row : rows) kept.push_back(fresh[row]);
  fresh = std::move(kept);
  layers.Select(rows);
}

}  // namespace longplay
