// SPDX-License-Identifier: MIT
#include "model/policy/token_embedding.h"

#include <torch/nn/init.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "model/tensors/initialization.h"

namespace longplay {
namespace {

constexpr double kNormEpsilon = 1e-5;  // of the source, whatever the layers' is

torch::nn::Linear MakeMap(int64_t inputs, int64_t width) {
  torch::nn::Linear map(inputs, width);
  DrawWeights(map);
  return map;
}

torch::nn::Embedding MakeTable(int64_t rows, int64_t width) {
  torch::nn::Embedding table(rows, width);
  torch::nn::init::normal_(table->weight, 0, kWeightScale);
  return table;
}

void CheckShape(const char* name, const torch::Tensor& tensor, at::IntArrayRef shape) {
  TORCH_CHECK(tensor.defined() && tensor.sizes() == shape, "embedding time steps: ", name,
              ": expected shape ", shape, ", got ",
              tensor.defined() ? c10::str(tensor.sizes()) : std::string("nothing"));
}

/// In place: a long context's tokens are the largest tensors that there are.
void AddTo(torch::Tensor& sum, const torch::Tensor& more) {
  sum = sum.defined() ? sum.add_(more) : more;
}

}  // namespace

TokenEmbeddingImpl::TokenEmbeddingImpl(const ModelOptions& options) : options_(options) {
  const TokenOptions& tokens = options.tokens;
  const int64_t width = options.attention.width;
  TORCH_CHECK(options.max_episode_steps > 0 && options.max_episodes > 0,
              "building the token embedding: table sizes: expected at least one row, got ",
              options.max_episode_steps, " and ", options.max_episodes);
  if (tokens.use_action) action_ = register_module("action", MakeMap(options.action_size, width));
  if (tokens.use_reward) reward_ = register_module("reward", MakeMap(1, width));
  if (tokens.use_completion) completion_ = register_module("completion", MakeMap(1, width));
  if (tokens.use_return) return_ = register_module("return", MakeMap(1, width));
  if (tokens.use_observation) {
    observation_ = register_module("observation", MakeMap(options.observation_size, width));
  }
  // Places: tables of learned vectors.
  if (options.step_embedding) {
    step_ = register_module("step", MakeTable(options.max_episode_steps, width));
  }
  if (options.episode_embedding) {
    episode_ = register_module("episode", MakeTable(options.max_episodes, width));
  }
  if (tokens.normalise) {
    norm_ = register_module("norm", Norm(NormKind::kLayer, width, kNormEpsilon));
    offset_ = register_parameter("offset", torch::zeros({width}));
  }
  CountTokens();
}

void TokenEmbeddingImpl::CountTokens() {
  const TokenOptions& tokens = options_.tokens;
  const bool merged = tokens.layout == TokenLayout::kMerged;
  // What a step's tokens tell of the step before; the rest tells of the step itself.
  const int64_t previous = tokens.use_action + tokens.use_reward + tokens.use_completion;
  const int64_t kinds = previous + tokens.use_return + tokens.use_observation;
  TORCH_CHECK(kinds > 0,
              "building the token embedding: tokens: expected at least one kind, got none");
  TORCH_CHECK(!(merged && tokens.follow_stream),
              "building the token embedding: follow_stream: expected interleaved tokens, got "
              "merged ones");
  TORCH_CHECK(!tokens.follow_stream || previous < kinds,
              "building the token embedding: follow_stream: expected a token of the step itself "
              "(return, observation), got none");
  tokens_per_step_ = merged ? 1 : kinds;
  previous_tokens_ = tokens.follow_stream ? previous : 0;
}

/// [B, N, D]; undefined where tokens hold no place.
torch::Tensor TokenEmbeddingImpl::EmbedPlace(const torch::Tensor& episode_steps,
                                             const torch::Tensor& episodes) {
  // Later steps and episodes share the last row; the place before a first step is the first one.
  const auto rows = [](const torch::Tensor& index, int64_t count) {
    return index.clamp(0, count - 1);
  };
  torch::Tensor place;
  if (step_) place = step_->forward(rows(episode_steps, options_.max_episode_steps));
  if (episode_) AddTo(place, episode_->forward(rows(episodes, options_.max_episodes)));
  return place;
}

/// body(tokens [B, N, D]) for each kind, in the order of the stream.
template <typename Body>
void TokenEmbeddingImpl::ForEachKind(const StepTensors& steps, const Body& body) {
  const int64_t B = steps.episode_steps.size(0), N = steps.episode_steps.size(1);
  const auto embed = [&](torch::nn::Linear& map, const char* name, const torch::Tensor& values) {
    if (!map) return;
    CheckShape(name, values, {B, N, map->options.in_features()});
    body(map->forward(values));
  };
  const auto column = [&](const torch::nn::Linear& map, const torch::Tensor& values) {
    return map && values.defined() ? values.unsqueeze(-1) : values;  // [B, N, 1]
  };
  // The order of the stream, cut in front of an action: the step before, then this one.
  embed(action_, "previous_actions", steps.previous_actions);
  embed(reward_, "previous_rewards", column(reward_, steps.previous_rewards));
  embed(completion_, "previous_completions", column(completion_, steps.previous_completions));
  embed(return_, "returns", column(return_, steps.returns));
  embed(observation_, "observations", steps.observations);
}

torch::Tensor TokenEmbeddingImpl::forward(const StepTensors& steps) {
  TORCH_CHECK(steps.episode_steps.dim() == 2,
              "embedding time steps: episode_steps: expected shape [B, N], got ",
              steps.episode_steps.sizes());
  CheckShape("episodes", steps.episodes, steps.episode_steps.sizes());
  const torch::Tensor place = EmbedPlace(steps.episode_steps, steps.episodes);
  torch::Tensor tokens;
  if (options_.tokens.layout == TokenLayout::kMerged) {
    // Merged: one sum, in the memory of its first term.
    tokens = place;  // [B, N, D]
    ForEachKind(steps, [&](const torch::Tensor& kind) { AddTo(tokens, kind); });
  } else {
    // Interleaved: kinds side by side, then one after another in each step.
    std::vector<torch::Tensor> kinds;
    ForEachKind(steps, [&](torch::Tensor kind) { kinds.push_back(std::move(kind)); });
    tokens = torch::stack(kinds, 2);  // [B, N, kinds, D]
    if (place.defined()) {
      std::vector<torch::Tensor> places(kinds.size(), place);
      if (previous_tokens_ > 0) {
        // Tokens of the step before have its place.
        std::fill_n(places.begin(), previous_tokens_,
                    EmbedPlace(steps.episode_steps - 1, steps.episodes));
      }
      tokens = tokens + torch::stack(places, 2);
    }
    tokens = tokens.flatten(1, 2);  // [B, N * kinds, D]
  }
  return norm_ ? norm_->forward(tokens) + offset_ : tokens;
}

}  // namespace longplay
