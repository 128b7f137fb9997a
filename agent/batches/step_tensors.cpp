// SPDX-License-Identifier: MIT
#include "agent/batches/step_tensors.h"

#include <torch/types.h>

namespace longplay {

torch::Tensor WrapFloats(std::vector<float>& values, at::IntArrayRef shape,
                         const torch::TensorOptions& options) {
  if (values.empty()) return {};
  // from_blob copies nothing: float32 on the CPU stays in the batch's memory.
  return torch::from_blob(values.data(), shape, torch::kFloat32).to(options);
}

StepTensors ToStepTensors(StepRows& rows, int64_t chains, const torch::TensorOptions& options) {
  // Transitions come without the rest of a sequence model's inputs.
  const int64_t steps =
      rows.returns.empty() ? 1 : static_cast<int64_t>(rows.returns.size()) / chains;
  const auto floats = [&](std::vector<float>& values, at::IntArrayRef shape) {
    return WrapFloats(values, shape, options);
  };
  const auto integers = [&](std::vector<int64_t>& values) {
    if (values.empty()) return torch::Tensor();
    return torch::from_blob(values.data(), {chains, steps}, torch::kInt64).to(options.device());
  };
  return {.returns = floats(rows.returns, {chains, steps}),
          .observations = floats(rows.observations, {chains, steps, rows.observation_size}),
          .previous_actions = floats(rows.previous_actions, {chains, steps, rows.action_size}),
          .previous_rewards = floats(rows.previous_rewards, {chains, steps}),
          .previous_completions = floats(rows.previous_completions, {chains, steps}),
          .episode_steps = integers(rows.episode_steps),
          .episodes = integers(rows.episodes)};
}

}  // namespace longplay
