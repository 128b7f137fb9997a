// SPDX-License-Identifier: MIT
#pragma once

#include <torch/types.h>
#include <torch/utils.h>

#include "model/options.h"
#include "model/tensors/step_tensors.h"

namespace longplay {

/// Random time steps that fit the options; episodes of `episode_steps` steps each.
inline StepTensors RandomSteps(const ModelOptions& options, int64_t B, int64_t N,
                               torch::ScalarType dtype, int64_t episode_steps = 4) {
  const auto like = torch::TensorOptions().dtype(dtype);
  const auto place = torch::arange(N, torch::kInt64).expand({B, N});
  return {.returns = torch::randn({B, N}, like),
          .observations = torch::randn({B, N, options.observation_size}, like),
          .previous_actions = torch::randn({B, N, options.action_size}, like),
          .previous_rewards = torch::randn({B, N}, like),
          .previous_completions = torch::randint(0, 2, {B, N}, like),
          .episode_steps = place.remainder(episode_steps),
          .episodes = place.floor_divide(episode_steps)};
}

/// Time steps first <= t < last of all chains.
inline StepTensors Slice(const StepTensors& steps, int64_t first, int64_t last) {
  const auto cut = [&](const torch::Tensor& t) { return t.slice(1, first, last); };
  return {.returns = cut(steps.returns),
          .observations = cut(steps.observations),
          .previous_actions = cut(steps.previous_actions),
          .previous_rewards = cut(steps.previous_rewards),
          .previous_completions = cut(steps.previous_completions),
          .episode_steps = cut(steps.episode_steps),
          .episodes = cut(steps.episodes)};
}

/// The chains `rows` [b] int64 alone.
inline StepTensors SelectChains(const StepTensors& steps, const torch::Tensor& rows) {
  const auto pick = [&](const torch::Tensor& t) { return t.index_select(0, rows); };
  return {.returns = pick(steps.returns),
          .observations = pick(steps.observations),
          .previous_actions = pick(steps.previous_actions),
          .previous_rewards = pick(steps.previous_rewards),
          .previous_completions = pick(steps.previous_completions),
          .episode_steps = pick(steps.episode_steps),
          .episodes = pick(steps.episodes)};
}

}  // namespace longplay
