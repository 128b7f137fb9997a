// SPDX-License-Identifier: MIT
#include "agent/filtering/one_pass.h"

#include <torch/types.h>

#include "agent/batches/step_tensors.h"
#include "model/policy/action_head.h"

namespace longplay {
namespace {

/// Steps first, first + 1, ... of every chain.
StepTensors PartOf(const StepTensors& steps, int64_t first, int64_t count) {
  const auto part = [&](const torch::Tensor& x) {
    return x.defined() ? x.narrow(1, first, count) : x;
  };
  return {.returns = part(steps.returns),
          .observations = part(steps.observations),
          .previous_actions = part(steps.previous_actions),
          .previous_rewards = part(steps.previous_rewards),
          .previous_completions = part(steps.previous_completions),
          .episode_steps = part(steps.episode_steps),
          .episodes = part(steps.episodes)};
}

/// [B, M, P] of the network after each mark.
torch::Tensor OutputsAt(PolicyNetwork network, const StepTensors& steps,
                        const std::vector<int64_t>& marks, int64_t window) {
  const int64_t T = steps.episode_steps.size(1);
  const int64_t whole = window > 0 ? std::min(window, T) : T;
  // Up to the window's length one pass has all marks: a step sees none that follow.
  std::vector<int64_t> within;
  for (const int64_t mark : marks) {
    if (mark <= whole) within.push_back(mark - 1);
  }
  std::vector<torch::Tensor> outputs;
  if (!within.empty()) {
    const int64_t longest = within.back() + 1;
    const auto output = network->forward(PartOf(steps, 0, longest));  // [B, n, P]
    outputs.push_back(output.index_select(1, torch::tensor(within).to(output.device())));
  }
  // Beyond it each mark has a window of its own.
  for (const int64_t mark : marks) {
    if (mark <= whole) continue;
    const auto output = network->forward(PartOf(steps, mark - window, window));
    outputs.push_back(output.narrow(1, window - 1, 1));
  }
  return torch::cat(outputs, 1);
}

}  // namespace

std::vector<double> ActInOnePass(const LoadedPolicy& policy, StepRows& rows, int64_t chains,
                                 const std::vector<int64_t>& marks, int64_t window) {
  const torch::NoGradGuard no_grad;
  const auto tensor_options = policy.network->parameters().front().options().requires_grad(false);
  const auto steps = ToStepTensors(rows, chains, tensor_options);
  const torch::Tensor output = OutputsAt(policy.network, steps, marks, window).to(torch::kCPU);
  const auto M = static_cast<int64_t>(marks.size());
  // As SequencePolicy puts them into the task's units.
  const torch::Tensor chosen = ChooseAction(policy.record.options.model.head,
                                            output.reshape({chains * M, -1}), ActionChoice::kMean)
                                   .clamp(-1, 1)
                                   .to(torch::kFloat32)
                                   .contiguous();  // [B * M, A]
  const Normalizer& normalizer = policy.record.normalizer;
  const int64_t A = normalizer.action_size();
  std::vector<double> actions(chosen.const_data_ptr<float>(),
                              chosen.const_data_ptr<float>() + chosen.numel());
  for (size_t i = 0; i < actions.size(); ++i) {
    const size_t a = i % static_cast<size_t>(A);
    actions[i] = normalizer.action_center[a] + normalizer.action_scale[a] * actions[i];
  }
  return actions;
}

}  // namespace longplay
