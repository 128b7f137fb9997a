// SPDX-License-Identifier: MIT
#include "agent/acting/actor_policy.h"

#include <ATen/ops/zeros.h>
#include <c10/core/GradMode.h>

#include "agent/acting/check_view.h"
#include "agent/learners/actor.h"

namespace longplay {

ActorPolicy::ActorPolicy(const LoadedPolicy& loaded, int64_t chains)
    : policy_(loaded),
      observations_(at::zeros({chains, loaded.record.normalizer.observation_size()}, at::kFloat)) {}

void ActorPolicy::Act(const RolloutView& view, std::span<double> actions) {
  const at::NoGradGuard no_grad;
  CheckView(view, actions.size(), observations_.size(0), description());
  const Normalizer& normalizer = policy_.record.normalizer;
  float* row = observations_.mutable_data_ptr<float>();
  // Task's units → the policy's, [B, O] row by row.
  for (size_t k = 0; k < view.observations.size(); ++k) {
    const size_t o = k % normalizer.observation_mean.size();
    row[k] = static_cast<float>((view.observations[k] - normalizer.observation_mean[o]) /
                                normalizer.observation_std[o]);
  }
  const torch::Tensor chosen =
      ActorActions(*policy_.actor,
                   observations_.to(policy_.actor->flat().options().requires_grad(false)),
                   StackedMlp::Weights::kFrozen)
          .to(at::kCPU, at::kDouble)
          .contiguous();  // [B, A]
  const double* action = chosen.const_data_ptr<double>();
  // And back: [-1, 1] → the task's units.
  for (size_t k = 0; k < actions.size(); ++k) {
    const size_t a = k % normalizer.action_center.size();
    actions[k] = normalizer.action_center[a] + normalizer.action_scale[a] * action[k];
  }
}

PolicyDescription ActorPolicy::description() const {
  const PolicyRecord& record = policy_.record;
  return {.observation_size = record.normalizer.observation_size(),
          .action_columns = record.normalizer.action_size(),
          .best_return = record.best_return,
          .trained = record.trained};
}

}  // namespace longplay
